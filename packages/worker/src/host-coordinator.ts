import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from "node:worker_threads";
import { THREAD_LIMITS } from "./thread-limits";
import type {
  CoordinatorReport,
  CoordinatorThreadData,
  HostEnded,
} from "@tsmpi/coordinator";
import { errorFromWire, type RankEnvironment } from "@tsmpi/protocol";

/** How long a rank 0 that fails waits for its coordinator to end. */
const FAIL_MS = 1_000;

interface Hosted {
  readonly port: number;
  readonly phase: Int32Array;
  readonly control: MessagePort;
}

let hosted: Hosted | null = null;

/**
 * Starts the coordinator thread in this process, which must be that of rank 0, and blocks until it listens. Idempotent.
 *
 * @returns its port
 * @throws {RendezvousError} MASTER_ADDR does not resolve or is another host's; MASTER_PORT is in use
 */
export function hostCoordinator(environment: RankEnvironment): {
  readonly port: number;
} {
  if (hosted === null) {
    hosted = start(environment);
    endWithProgram(hosted);
  }
  return hosted;
}

/**
 * At the end of rank 0's program, behind its own orderly end: blocks until the coordinator is over. If the program succeeded
 * that is when every rank has left or failed, which the others would otherwise not learn; if it failed, at once.
 */
function endWithProgram({ phase, control }: Hosted): void {
  process.on("exit", (code) => {
    const failed = code !== 0;
    control.postMessage({ failed } satisfies HostEnded);
    if (failed) Atomics.wait(phase, 0, STARTED, FAIL_MS);
    else
      while (Atomics.load(phase, 0) === STARTED)
        Atomics.wait(phase, 0, STARTED, TURN_MS);
  });
}

/** No wait is longer. */
const TURN_MS = 1_000;

// The phases of `CoordinatorPhase`, which this thread does not load: with it would come ZeroMQ.
const STARTING = 0;
const STARTED = 1;

function start(environment: RankEnvironment): Hosted {
  const phase = new Int32Array(new SharedArrayBuffer(4));
  const { port1, port2 } = new MessageChannel();
  const workerData: CoordinatorThreadData = { environment, phase, port: port2 };
  const thread = new Worker(
    require.resolve("@tsmpi/coordinator/dist/thread.js"),
    {
      ...{ workerData, transferList: [port2], execArgv: [] },
      resourceLimits: THREAD_LIMITS,
    },
  );
  thread.unref();
  while (Atomics.load(phase, 0) === STARTING)
    Atomics.wait(phase, 0, STARTING, TURN_MS);
  const report = receiveMessageOnPort(port1)?.message as CoordinatorReport;
  port1.unref();
  if (!report.ok) {
    const error = errorFromWire(report.error);
    Error.captureStackTrace(error, hostCoordinator);
    throw error;
  }
  return { port: report.port, phase, control: port1 };
}
