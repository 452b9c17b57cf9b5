import { SetupError } from "@tsmpi/protocol";
import { run } from "./run";

const COMPILERS = ["g++", "clang++", "c++"];

export interface Compiler {
  readonly command: string;
  /** The first line of its `--version`. */
  readonly version: string;
}

/** CXX, or the first C++ compiler that answers; null if none does. */
export async function findCompiler(): Promise<Compiler | null> {
  const { CXX } = process.env;
  for (const command of CXX ? [CXX] : COMPILERS) {
    const { exitCode, stdout } = await run(command, ["--version"]);
    if (exitCode === 0) return { command, version: stdout.split("\n")[0]! };
  }
  return null;
}

/** @throws {SetupError} there is none */
export async function needCompiler(): Promise<Compiler> {
  const compiler = await findCompiler();
  if (compiler !== null) return compiler;
  throw new SetupError(
    process.env.CXX
      ? `CXX="${process.env.CXX}" is no C++ compiler that can be run; set CXX to one, or leave it out`
      : `there is no C++ compiler (${COMPILERS.join(", ")}); ${COMPILER_CURE}`,
  );
}

export const COMPILER_CURE =
  process.platform === "darwin"
    ? "xcode-select --install brings one"
    : "apt-get install g++, dnf install gcc-c++ or the like brings one";
