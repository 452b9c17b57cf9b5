import { join } from "node:path";
import { launch } from "../support/launch";

const example = (name: string) => join(__dirname, "../../examples", name);

export const MODES = ["scatter", "assigned", "dynamic"] as const;

/** What examples/mnist-stream.ts prints. */
export interface Streamed {
  readonly accuracy: number;
  /** Of each epoch. */
  readonly checksums: readonly string[];
  /** Of the time, in per cent. */
  readonly waited: number;
}

export async function streamMnist({
  mode,
  folder,
  epochs,
}: {
  readonly mode: string;
  readonly folder: string;
  readonly epochs: number;
}): Promise<Streamed> {
  const stdout = await run(
    ...["mnist-stream.ts", "--mode", mode, "--dir", folder],
    ...["--epochs", `${epochs}`],
  );
  const accounts = stdout.matchAll(
    /^epoch \d+: each of 8,000 records in 16 files went to exactly one of 2 ranks; checksum (\w+)$/gm,
  );
  return {
    accuracy: accuracyIn(stdout),
    checksums: [...accounts].map(([, checksum]) => checksum!),
    waited: Number(/([\d.]+) % of the time waiting/.exec(stdout)![1]),
  };
}

/** The same digits from memory: examples/mnist.ts. */
export const trainMnist = async (epochs: number): Promise<number> =>
  accuracyIn(await run("mnist.ts", "--epochs", `${epochs}`));

async function run(name: string, ...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await launch({
    args: ["-n", "2", example(name), ...args],
    timeoutMs: 600_000,
  });
  const said = stderr.replace(/^epoch .*\n/gm, "");
  expect({ exitCode, said }).toEqual({ exitCode: 0, said: "" });
  return stdout;
}

const accuracyIn = (stdout: string): number =>
  Number(/^test accuracy ([\d.]+)$/m.exec(stdout)![1]);
