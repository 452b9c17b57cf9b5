import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { createLog, errorToWire, readLogLevel } from "@tsmpi/protocol";
import type {
  CallMessage,
  CommunicationThreadData,
  ReplyMessage,
} from "../bridge/calls";
import { Doorbell } from "../bridge/doorbell";
import { loadControl } from "@tsmpi/transport";
import { Rank } from "./rank";
import { SERVANTS } from "./serve";

// The entry of the communication thread: it may await, and never blocks.
const { environment, port, bell } = workerData as CommunicationThreadData;
const doorbell = new Doorbell(bell);
const log = createLog({
  where: `rank ${environment.rank}`,
  level: readLogLevel(process.env),
  // The main thread may be blocked, and then forwards nothing that goes through `console`.
  write: (line) => void writeSync(2, line),
});

const rank = Rank.start(environment, log).catch(async (error: unknown) => {
  await closeSockets();
  throw error;
});
rank.catch(() => {}); // Every call awaits it and gets the error.

port.on("message", (call: CallMessage) => void answer(call));

async function answer(call: CallMessage): Promise<void> {
  try {
    const serve = SERVANTS[call.name] as (
      rank: Rank,
      args: CallMessage["arguments"],
    ) => Promise<unknown>;
    reply({
      id: call.id,
      ok: true,
      result: await serve(await rank, call.arguments),
    });
  } catch (error) {
    reply({ id: call.id, ok: false, error: errorToWire(error) });
  }
}

function reply(message: ReplyMessage): void {
  port.postMessage(message);
  doorbell.ring();
}

/** Open ones would abort the process at its end. */
async function closeSockets(): Promise<void> {
  if (environment.size === 1) return;
  const { closeThreadSockets } = await loadControl();
  await closeThreadSockets();
}

/** Nothing may be lost here: the main thread would wait for ever. */
const die = (error: unknown): void => {
  log.warn(
    `the communication thread ends: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  void closeSockets().finally(() => {
    doorbell.break();
    // A main thread that awaits, instead of blocking, listens here.
    port.close();
  });
};
process.on("uncaughtException", die);
process.on("unhandledRejection", die);
