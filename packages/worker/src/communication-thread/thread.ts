import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";
import {
  createLog,
  dtypeOf,
  errorToWire,
  readLogLevel,
  viewAs,
} from "@tsmpi/protocol";
import type { AboutCall } from "@tsmpi/collective";
import { loadControl } from "@tsmpi/transport";
import {
  bufferOf,
  type CallMessage,
  type Calls,
  type CommunicationThreadData,
  LOOK,
  type ReplyMessage,
} from "../bridge/calls";
import { Doorbell } from "../bridge/doorbell";
import { Ring } from "../bridge/ring";
import { MessagePump } from "./message-pump";
import { Rank } from "./rank";
import { Sites } from "./sites";
import { SERVANTS } from "./serve";

// The entry of the communication thread: it may await, and never blocks.
const data = workerData as CommunicationThreadData;
const { environment, port } = data;
const doorbell = new Doorbell(data.bell);
const log = createLog({
  where: `rank ${environment.rank}`,
  level: readLogLevel(process.env),
  // The main thread may be blocked, and then forwards nothing that goes through `console`.
  write: (line) => void writeSync(2, line),
});

const pump = new MessagePump({
  outgoing: new Ring(data.outgoing),
  incoming: new Ring(data.incoming),
  bell: doorbell,
  wakeMain: () => port.postMessage(LOOK satisfies ReplyMessage),
  onError: (error) => die(error),
});
const starting = Rank.start({
  environment,
  log,
  pump,
  isMainAsleep: () => doorbell.isAsleep,
  arena: data.arena,
  share: data.share,
}).catch(async (error: unknown) => {
  await closeSockets();
  throw error;
});
starting.catch(() => {}); // Every call awaits it and gets the error.

port.on("message", (message: CallMessage) => {
  if (message === LOOK)
    void starting.then(
      (rank) => rank.pump(),
      () => {},
    );
  else if ("site" in message) sites.answer(message.id, message.site);
  else void answer(message);
});

const sites = new Sites((id) => reply({ siteOf: id }));

type MadeCall = Exclude<CallMessage, string | { site: unknown }>;

/** A buffer that lies in the arena as a part of it. */
function placed({ arguments: args, place }: MadeCall): MadeCall["arguments"] {
  const buffer = bufferOf(args);
  if (args === null || buffer === null || place === null) return args;
  const { length } = buffer;
  const dtype = dtypeOf(buffer)!;
  const own = viewAs(dtype, data.arena.buffer, place, length);
  return { ...args, buffer: own };
}

async function answer(call: MadeCall) {
  try {
    const serve = SERVANTS[call.name] as (
      rank: Rank,
      args: MadeCall["arguments"],
      about: AboutCall,
    ) => Promise<unknown>;
    const rank = await starting;
    // What the program sent before this call goes before it.
    rank.pump();
    const { timeoutMs, number } = (call.arguments ?? {}) as Partial<
      Calls["barrier"]["arguments"]
    >;
    const about = {
      timeoutMs,
      number,
      site: () => sites.ask(call.id),
    };
    const result = await serve(rank, placed(call), about);
    reply({ id: call.id, ok: true, result });
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
