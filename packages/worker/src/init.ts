import { readFileSync } from "node:fs";
import {
  EnvironmentError,
  jobKeyOf,
  type RankEnvironment,
  readEnvironment,
} from "@tsmpi/protocol";
import { hostCoordinator } from "./host-coordinator";
import { Runtime } from "./main-thread/runtime";

let runtime: Runtime | null = null;

/**
 * This rank's runtime. The first call starts it and blocks until all ranks have found each other; a program that no launcher
 * started is rank 0 of 1. From then on the end of the program is an orderly one.
 */
export function theRuntime(): Runtime {
  if (runtime === null) {
    runtime = new Runtime(rendezvousOf(readEnvironment(process.env)));
    endInOrder(runtime);
    runtime.start();
  }
  return runtime;
}

export const isInitialized = (): boolean => runtime !== null;
export const isFinalized = (): boolean => runtime?.isEnded ?? false;

/** Completes what is missing for the rendezvous: the job key is read, rank 0 brings the coordinator. */
function rendezvousOf(environment: RankEnvironment): RankEnvironment {
  const { rank, size, insecure, encrypt, masterPort, statusFd } = environment;
  if (size === 1) return environment;
  if (insecure && encrypt)
    throw new EnvironmentError(
      "TSMPI_INSECURE=1 and TSMPI_ENCRYPT=1 contradict each other; unset one",
    );
  const jobKey = jobKeyOf(environment, (path) => readFileSync(path, "utf8"));
  const complete = { ...environment, jobKey };
  // A launcher tells the others which port rank 0 has taken.
  if (masterPort === 0 && (rank !== 0 || statusFd === null))
    assertSamePort(environment);
  if (rank !== 0) return complete;
  return { ...complete, masterPort: hostCoordinator(complete).port };
}

/** @throws {EnvironmentError} a rank cannot know where the coordinator listens */
function assertSamePort({ rank, size, localSize }: RankEnvironment): void {
  if (localSize !== size)
    throw new EnvironmentError(
      `LOCAL_WORLD_SIZE=${localSize} and WORLD_SIZE=${size}: ranks run on several hosts; set MASTER_PORT to the same free port for all of them`,
    );
  if (rank !== 0)
    throw new EnvironmentError(
      "MASTER_PORT is not set; start the ranks with tsrun, or give them all the port of rank 0's coordinator",
    );
}

/** The rank leaves before its coordinator ends, if it has one: whichever was started first. */
function endInOrder(started: Runtime): void {
  let uncaught: Error | null = null;
  process.on("uncaughtExceptionMonitor", (error) => (uncaught = error));
  process.prependListener("exit", (code) => {
    if (code === 0) started.finalize();
    else started.fail(uncaught ?? new Error(`it exited with code ${code}`));
  });
}
