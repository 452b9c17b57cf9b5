import { readFileSync } from "node:fs";
import type { Running } from "./launch";

/** In front of a command: it is a process group of its own, as in a shell on a terminal, which Ctrl-Z stops. */
export const JOB_CONTROL: readonly string[] = [
  ...["bash", "-c"],
  'set -m; "$@" & echo "the job is $!"; wait -f $!',
  "bash",
];

/** The process behind `JOB_CONTROL`. */
export async function pidOf({ printed }: Running): Promise<number> {
  const [found] = await printed(/the job is (\d+)/g, 1);
  return Number(found![1]);
}

/** Without the shell's own words on its job. */
export const withoutShell = (stderr: string): string =>
  stderr.replaceAll(/^(\[1\].*)?\n/gm, "");

export const isStopped = (pid: number): boolean =>
  /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
