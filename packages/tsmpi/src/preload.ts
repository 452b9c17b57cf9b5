import { writeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import {
  encodeStatus,
  errorToWire,
  readEnvironment,
  type RankEnvironment,
  type StatusMessage,
} from "@tsmpi/protocol";
import { describeError } from "./error-text";
import { STATUS_FD } from "./status-fd";
import { placeOfSyntaxError } from "./syntax-error";

/** Runs in each rank before the user's program, and only there: not in its threads, nor in what it forks with its own flags. */
function preload(): void {
  const hasPools = process.env.TSMPI_FUTURES === "1";
  delete process.env.TSMPI_FUTURES;
  const launcher = process.env.TSMPI_LAUNCHER_PID;
  delete process.env.TSMPI_LAUNCHER_PID;
  if (launcher === undefined) {
    // Inherited by a fork of the rank, whose file descriptors 3 and 4 are something else.
    delete process.env.TSMPI_STATUS_FD;
    delete process.env.TSMPI_NEWS_FD;
    return;
  }
  // Killed before its guardian knew of this rank: nobody else would end it.
  if (Number(launcher) !== process.ppid) process.exit(1);
  writeAtOnce();
  reportFailures();
  const environment = readEnvironment(process.env);
  if (environment.rank === 0 && environment.size > 1)
    hostCoordinator(environment);
  if (hasPools && environment.size > 1) openSharedCrew();
}

/** Node writes to a pipe in the background, and `process.exit` after `console.log` would lose lines. */
function writeAtOnce(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const { _handle: handle } = stream as unknown as {
      _handle?: { setBlocking?(blocking: boolean): void };
    };
    handle?.setBlocking?.(true);
  }
}

/**
 * An error that nobody catches goes to the launcher, which prints the first one of the job; then the rank ends with 1, as Node
 * would. A program with listeners of its own decides for itself.
 */
function reportFailures(): void {
  // Errors inside TensorFlow are ten frames deep before they come to the user's own code.
  Error.stackTraceLimit = Math.max(Error.stackTraceLimit, 40);
  process.on("uncaughtExceptionMonitor", removeEmscriptenListeners);
  process.on("uncaughtException", (error: unknown) => {
    if (process.listenerCount("uncaughtException") > 1) return;
    fail(error);
  });
}

/** With emscripten's own listener an error would end in exit code 7 and 38 kB of minified code. */
function removeEmscriptenListeners(): void {
  for (const listener of process.listeners("uncaughtException"))
    if (String(listener).includes("instanceof ExitStatus"))
      process.off("uncaughtException", listener);
}

function fail(error: unknown): never {
  tell({
    type: "failure",
    error: errorToWire(error),
    stack: placeOfSyntaxError(error, process.argv[1]) ?? describeError(error),
  });
  process.exit(1);
}

/** Before the program, since the other ranks start when they know the port. */
function hostCoordinator(environment: RankEnvironment): void {
  try {
    const worker =
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      require("@tsmpi/worker") as typeof import("@tsmpi/worker");
    const { port } = worker.hostCoordinator(environment);
    process.env.MASTER_PORT = String(port);
    tell({ type: "coordinator", port });
  } catch (error) {
    fail(error);
  }
}

/** Before the program too: the other ranks do not know how long it will be before it makes a pool. */
function openSharedCrew(): void {
  try {
    const futures =
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      require("./futures/open-shared-crew") as typeof import("./futures/open-shared-crew");
    futures.openSharedCrew();
  } catch (error) {
    fail(error);
  }
}

function tell(message: StatusMessage): void {
  try {
    writeSync(STATUS_FD, encodeStatus(message));
  } catch {
    // The launcher is gone; this process will not last either.
  }
}

if (isMainThread) preload();
