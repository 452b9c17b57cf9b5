import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { createLog, errorToWire, readLogLevel } from "@tsmpi/protocol";
import { loadControl } from "@tsmpi/transport";
import { startCoordinator } from "./coordinator";
import {
  CoordinatorPhase,
  type CoordinatorReport,
  type CoordinatorThreadData,
  type HostMessage,
} from "./thread-contract";

// The entry of the coordinator thread, in the process of rank 0.
const { environment, phase, port } = workerData as CoordinatorThreadData;
const log = createLog({
  where: "coordinator",
  level: readLogLevel(process.env),
  write: (line) => void writeSync(2, line),
});

const LAST_WORDS_MS = 50;

function enter(next: number): void {
  Atomics.store(phase, 0, next);
  Atomics.notify(phase, 0);
}

function report(message: CoordinatorReport): void {
  port.postMessage(message);
  enter(CoordinatorPhase.started);
}

/** Open ones would abort the process at its end. */
async function closeSockets(): Promise<void> {
  const { closeThreadSockets } = await loadControl();
  await closeThreadSockets();
}

async function serve(): Promise<void> {
  try {
    const coordinator = await startCoordinator(environment, log, (delivery) =>
      port.postMessage(delivery),
    );
    report({ ok: true, port: coordinator.port });
    port.on("message", (message: HostMessage) => {
      if (message.type === "read") return coordinator.read(message.order);
      if (message.type === "say") return coordinator.hear(message.message);
      // What our rank said last is on its way.
      setTimeout(() => coordinator.hostEnded(message.failed), LAST_WORDS_MS);
    });
    await coordinator.over;
    await coordinator.close();
    port.close();
    enter(CoordinatorPhase.over);
  } catch (error) {
    await closeSockets();
    report({ ok: false, error: errorToWire(error) });
    enter(CoordinatorPhase.over);
  }
}

/** A rank 0 that ends waits for the phase: whatever happens here must not leave it waiting. */
const die = (error: unknown): void => {
  log.warn(
    `the coordinator ends: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  void closeSockets().finally(() => enter(CoordinatorPhase.over));
};
process.on("uncaughtException", die);
process.on("unhandledRejection", die);

void serve();
