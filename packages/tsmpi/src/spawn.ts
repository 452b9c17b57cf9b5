import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { RankPlan } from "./plan";
import { isTypeScript } from "./script";
import { NEWS_FD, STATUS_FD } from "./status-fd";

/** Runs a script in a rank: Node with what a rank needs before its program. Only TypeScript pays for a TypeScript loader. */
export function rankCommand(script: string): readonly string[] {
  const preload = join(__dirname, "preload.js");
  if (!isTypeScript(script)) return [process.execPath, "--require", preload];
  // tsx's loader of ES modules does not take a program that is CommonJS by name.
  if (script.endsWith(".cts"))
    return [
      process.execPath,
      "--require",
      preload,
      "--require",
      require.resolve("tsx/cjs"),
    ];
  const loader = join(__dirname, "preload-typescript.mjs");
  return [process.execPath, "--import", pathToFileURL(loader).href];
}

/** Starts a rank as the leader of a session and process group of its own. Its fd 3 is the status pipe, fd 4 the one for news. */
export function startRank(plan: RankPlan, masterPort: number): ChildProcess {
  const [command, ...args] = plan.argv;
  return spawn(command!, args, {
    cwd: plan.cwd,
    env: { ...plan.env, MASTER_PORT: String(masterPort) },
    detached: true,
    stdio: [
      plan.readsStdin ? "inherit" : "ignore",
      "pipe",
      "pipe",
      ...pipesUpTo(plan.hearsNews ? NEWS_FD : STATUS_FD),
    ],
  });
}

/** Behind stdin, stdout and stderr. */
const pipesUpTo = (fd: number): "pipe"[] =>
  Array.from({ length: fd - 2 }, () => "pipe");

/** A signal to all processes of a rank: the rank and whatever it started. Silent where none is left. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: the whole group has ended. EPERM: what is left of it has changed its user.
  }
}
