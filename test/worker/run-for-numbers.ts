import { join } from "node:path";
import { launch } from "../support/launch";

/** Runs a program of this folder that prints one line of numbers by name. Throws if it ends otherwise than with success. */
export async function runForNumbers(
  program: string,
  {
    ranks,
    env,
  }: {
    readonly ranks: number;
    readonly env: Readonly<Record<string, string>>;
  },
): Promise<Readonly<Record<string, number>>> {
  const { exitCode, stdout, stderr } = await launch({
    args: ["-n", String(ranks), join(__dirname, "programs", program)],
    env,
    timeoutMs: 600_000,
  });
  if (exitCode !== 0) throw new Error(`${program} failed: ${stderr}`);
  return JSON.parse(stdout) as Record<string, number>;
}
