import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { createLog, errorToWire, readLogLevel } from "@tsmpi/protocol";
import { startCoordinator } from "./coordinator";
import {
  CoordinatorPhase,
  type CoordinatorReport,
  type CoordinatorThreadData,
} from "./thread-contract";

// The entry of the coordinator thread, in the process of rank 0.
const { environment, phase, port } = workerData as CoordinatorThreadData;
const log = createLog({
  where: "coordinator",
  level: readLogLevel(process.env),
  write: (line) => void writeSync(2, line),
});

function enter(next: number): void {
  Atomics.store(phase, 0, next);
  Atomics.notify(phase, 0);
}

function report(message: CoordinatorReport): void {
  port.postMessage(message);
  enter(CoordinatorPhase.started);
}

async function serve(): Promise<void> {
  try {
    const coordinator = await startCoordinator(environment, log);
    report({ ok: true, port: coordinator.port });
    await coordinator.over;
    await coordinator.close();
    enter(CoordinatorPhase.over);
  } catch (error) {
    report({ ok: false, error: errorToWire(error) });
    enter(CoordinatorPhase.over);
  }
}

void serve();
