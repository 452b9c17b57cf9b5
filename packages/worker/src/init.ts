import {
  EnvironmentError,
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

/** Completes what is missing for the rendezvous: rank 0 brings the coordinator. */
function rendezvousOf(environment: RankEnvironment): RankEnvironment {
  const { rank, size, localSize, jobKey, masterPort } = environment;
  if (size === 1) return environment;
  if (localSize !== size) checkHosts(environment);
  if (jobKey === "")
    throw new EnvironmentError(
      "TSMPI_JOB_KEY is not set; start the ranks with tsrun, or give them all the same secret",
    );
  if (rank === 0)
    return { ...environment, masterPort: hostCoordinator(environment).port };
  if (masterPort === 0)
    throw new EnvironmentError(
      "MASTER_PORT is not set; start the ranks with tsrun, or give them all the port of rank 0's coordinator",
    );
  return environment;
}

/** @throws {EnvironmentError} ranks on several hosts cannot, or may not, reach each other */
function checkHosts({
  size,
  localSize,
  insecure,
  masterPort,
}: RankEnvironment): void {
  const hosts = `LOCAL_WORLD_SIZE=${localSize} and WORLD_SIZE=${size}: ranks run on several hosts`;
  if (!insecure)
    throw new EnvironmentError(
      `${hosts}, and this version does not encrypt what they send, the job key neither; set TSMPI_INSECURE=1 where everybody on the network may read it and take part`,
    );
  if (masterPort === 0)
    throw new EnvironmentError(
      `${hosts}; set MASTER_PORT to the same free port for all of them`,
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
