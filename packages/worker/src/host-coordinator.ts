import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from "node:worker_threads";
import { HostedStreams } from "./hosted-streams";
import { THREAD_LIMITS } from "./thread-limits";
import type {
  CoordinatorReport,
  CoordinatorThreadData,
  HostMessage,
  ReaderOrder,
} from "@tsmpi/coordinator";
import { errorFromWire, type RankEnvironment } from "@tsmpi/protocol";

/** How long a rank 0 that fails waits for its coordinator to end. */
const FAIL_MS = 1_000;

interface Hosted {
  readonly port: number;
  readonly phase: Int32Array;
  readonly control: MessagePort;
  readonly streams: HostedStreams;
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

/** Has the thread that reads files for all ranks do something. Only on rank 0 of a job of several. */
export function orderReader(order: ReaderOrder): void {
  hosted!.control.postMessage({ type: "read", order } satisfies HostMessage);
}

/** What the thread that reads files sends this rank; null: the coordinator runs in another process. */
export const hostedStreams = (): HostedStreams | null =>
  hosted?.streams ?? null;

/**
 * At the end of rank 0's program, behind its own orderly end: blocks until the coordinator is over. If the program succeeded
 * that is when every rank has left or failed, which the others would otherwise not learn; if it failed, at once.
 */
function endWithProgram({ phase, control }: Hosted): void {
  process.on("exit", (code) => {
    const failed = code !== 0;
    control.postMessage({ type: "ended", failed } satisfies HostMessage);
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
  if (!report.ok) {
    const error = errorFromWire(report.error);
    Error.captureStackTrace(error, hostCoordinator);
    throw error;
  }
  const streams = new HostedStreams(port1);
  return { port: report.port, phase, control: port1, streams };
}
