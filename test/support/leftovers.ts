import { readdirSync, readFileSync } from "node:fs";

/** Things that a job could leave behind on this host. */
export interface Leftovers {
  readonly sharedMemory: readonly string[];
  readonly temporary: readonly string[];
  readonly processes: readonly string[];
}

/**
 * What is there now. Processes are those whose environment holds `mark`, by command line; zombies are gone already.
 *
 * @param temporary the TMPDIR of the jobs that are looked at, and of no others: another test's files come and go beside
 */
export function lookAround(mark: string, temporary: string): Leftovers {
  return {
    sharedMemory: readdirSync("/dev/shm").sort(),
    temporary: readdirSync(temporary)
      .filter((name) => /tsmpi|tsrun|zmq|\.ipc/.test(name))
      .sort(),
    processes: readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => commandWith(pid, mark)),
  };
}

function commandWith(pid: string, mark: string): string[] {
  try {
    if (!readFileSync(`/proc/${pid}/environ`, "utf8").includes(mark)) return [];
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
    return command === "" ? [] : [`${pid} ${command.replaceAll("\0", " ")}`];
  } catch {
    return []; // It has just ended.
  }
}
