import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { StartOrder } from "./hosts/host";
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

/**
 * Starts a rank as the leader of a session and process group of its own. Its fd 3 is the status pipe, fd 4 the one for news.
 *
 * @param stdin what a rank reads that reads stdin
 */
export function startRank(
  { argv, cwd, env, readsStdin, hearsNews }: StartOrder,
  stdin: "inherit" | "pipe",
): ChildProcess {
  const [command, ...args] = argv;
  return spawn(command!, args, {
    cwd,
    // By which a rank knows that its parent still lives.
    env: { ...env, TSMPI_LAUNCHER_PID: String(process.pid) },
    detached: true,
    stdio: [
      readsStdin ? stdin : "ignore",
      "pipe",
      "pipe",
      ...pipesUpTo(hearsNews ? NEWS_FD : STATUS_FD),
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
