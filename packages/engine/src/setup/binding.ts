import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SetupError } from "@tsmpi/protocol";
import { BINDING } from "../native/modules";
import type { Compiler } from "./compiler";
import type { Recipe } from "./recipe";
import { lastLine, run } from "./run";
import { BINDING_SYMBOLS, missingSymbols } from "./symbols";

/** Below tfjs-node's folder, as unpacked from the wheel. */
export const TENSORFLOW_FOLDER = "deps/tf/tensorflow";

/**
 * Before anything is compiled: whether TensorFlow's libraries have what the binding calls.
 *
 * @throws {SetupError} they do not
 */
export async function checkSymbols(
  tfjsNode: string,
  { libraries, tensorflow }: Recipe,
): Promise<void> {
  const folder = join(tfjsNode, TENSORFLOW_FOLDER);
  const absent = libraries.filter((name) => !existsSync(join(folder, name)));
  if (absent.length > 0)
    throw new SetupError(
      `the wheel has no ${absent.join(" and no ")}; give the one of TensorFlow ${tensorflow} for this platform`,
    );
  const dynamic =
    process.platform === "darwin" ? ["-gU"] : ["-D", "--defined-only"];
  const ran = await run("nm", [...dynamic, ...libraries], { cwd: folder });
  // Without binutils the loader finds out: it refuses a binding whose symbols are missing.
  if (ran.exitCode === null) return;
  const missing = missingSymbols(ran.stdout);
  if (missing.length > 0)
    throw new SetupError(
      `this libtensorflow lacks ${missing.length} of the ${BINDING_SYMBOLS.length} functions that tfjs-node calls (${missing.slice(0, 3).join(", ")}${missing.length > 3 ? ", …" : ""}); it is another version or build: give the wheel of TensorFlow ${tensorflow}`,
    );
}

/**
 * The binding as a library of its own, and the addon that loads it quietly.
 *
 * @throws {SetupError} with what the compiler said
 */
export async function compileBinding(
  tfjsNode: string,
  { libraries }: Recipe,
  { command }: Compiler,
): Promise<void> {
  const folder = dirname(BINDING);
  await mkdir(join(tfjsNode, folder), { recursive: true });
  const { include_dir: nodeHeaders } = createRequire(__filename)(
    "node-api-headers",
  ) as {
    readonly include_dir: string;
  };
  const isMac = process.platform === "darwin";
  const compile = async (target: string, what: readonly string[]) => {
    const ran = await run(
      command,
      [
        ...["-std=c++17", "-O3", "-fPIC", "-DNAPI_VERSION=8"],
        // The roundings of the source, and nothing that stands in the way of vectors of square roots.
        ...["-ffp-contract=off", "-fno-math-errno"],
        ...[`-I${nodeHeaders}`, `-I${TENSORFLOW_FOLDER}/include`],
        ...what,
        ...(isMac ? ["-bundle", "-undefined", "dynamic_lookup"] : ["-shared"]),
        ...["-o", target],
      ],
      { cwd: tfjsNode },
    );
    if (ran.exitCode !== 0)
      throw new SetupError(
        `${command} could not compile the binding: ${firstError(ran.stderr) || lastLine(ran)}; CXX=… npx tsrun setup takes another compiler`,
      );
  };
  await compile(join(folder, "libtfjs.so"), [
    ...["binding/tfjs_backend.cc", "binding/tfjs_binding.cc", "-Ibinding"],
    ...[
      "tsmpi_binding.cc",
      "adam_step.cc",
      "is_finite.cc",
      "max_pool_grad.cc",
    ].map((name) => join(NATIVE_SOURCES, name)),
    ...(isMac
      ? [
          ...libraries.map((name) => join(TENSORFLOW_FOLDER, name)),
          `-Wl,-rpath,@loader_path/../../${TENSORFLOW_FOLDER}`,
        ]
      : [
          ...[`-L${TENSORFLOW_FOLDER}`, "-Wl,--no-as-needed"],
          ...libraries.map((name) => `-l:${name}`),
          `-Wl,-rpath,$ORIGIN/../../${TENSORFLOW_FOLDER}`,
        ]),
  ]);
  await compile(BINDING, [join(NATIVE_SOURCES, "quiet_loader.cc"), "-ldl"]);
}

/** C++ of our own. */
const NATIVE_SOURCES = join(__dirname, "../../native");

const firstError = (stderr: string): string =>
  stderr.split("\n").find((line) => /\berror\b/.test(line)) ?? "";
