import { readdirSync, readFileSync } from "node:fs";

/** Zombies do not count: their end waits for somebody who may not look. */
export function alive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Fails unless all of these have ended in time. */
export async function allGone(
  pids: readonly number[],
  withinMs: number,
): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (pids.some(alive) && performance.now() < endMs)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(pids.filter(alive)).toEqual([]);
}

/** Children of a process that have not ended, with their commands. */
export const childrenOf = (
  parent: number,
): { readonly pid: number; readonly command: string }[] =>
  readdirSync("/proc").flatMap((name) => {
    try {
      const [, state, ppid] = /\) (\S) (\d+)/.exec(
        readFileSync(`/proc/${name}/stat`, "utf8"),
      )!;
      if (Number(ppid) !== parent || state === "Z") return [];
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8");
      return [{ pid: Number(name), command }];
    } catch {
      return [];
    }
  });
