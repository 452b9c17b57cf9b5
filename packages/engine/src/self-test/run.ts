import { join } from "node:path";
import { run } from "../setup/run";

/** Which engine is tested: the one that a job would get, or the one in a folder that setup has made. */
export interface SelfTest {
  readonly engine?: string;
  readonly device?: string;
  readonly directory?: string;
}

export type SelfTestReport =
  | {
      readonly engine: {
        readonly name: string;
        readonly device: string;
        readonly version: string;
        readonly why: string;
      };
      readonly loadMs: number;
      readonly testMs: number;
    }
  | { readonly problem: string };

/** Trains in a process of its own: an engine that crashes takes only that with it. */
export async function runSelfTest(
  test: SelfTest,
  env: NodeJS.ProcessEnv = process.env,
): Promise<SelfTestReport> {
  const program = join(__dirname, "program.js");
  const ran = await run(process.execPath, [program, JSON.stringify(test)], {
    env,
    timeoutMs: 120_000,
  });
  try {
    return JSON.parse(ran.stdout.trim().split("\n").at(-1)!) as SelfTestReport;
  } catch {
    const last = ran.stderr.trim().split("\n").at(-1);
    return {
      problem: `the process ended with ${ran.exitCode}${last ? `: ${last}` : ""}`,
    };
  }
}
