import { writeSync } from "node:fs";
import { receiveMessageOnPort, workerData } from "node:worker_threads";
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
import { decodePlainCall, type PlainCall } from "../bridge/plain-calls";
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
  wakeMain: () => post(LOOK),
  onCall(record) {
    const call = decodePlainCall(record, data.arena);
    return () => beginPlain(call);
  },
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
// Every call awaits it too, and gets the error.
void starting.then((rank) => rank.keepPumping(), ignore);

port.on("message", take);

function take(message: CallMessage): void {
  if (message === LOOK) void starting.then((rank) => rank.pump(), ignore);
  else if ("site" in message) sites.answer(message.id, message.site);
  else {
    posted.push(message);
    // What the program sent before this call goes before it.
    void starting
      .then((rank) => rank.pump(), ignore)
      .then(() => beginPosted(Infinity));
  }
}

function ignore(): void {}

const sites = new Sites((id) => {
  post({ siteOf: id });
  doorbell.ring();
});

type PostedCall = Exclude<CallMessage, string | { site: unknown }>;

/** Calls that came as messages, and have not begun. */
const posted: PostedCall[] = [];
/** Calls begin in the order of their numbers, whichever way they come. */
let nextId = 0;

/** Begins what came as messages, up to the call with this number. */
function beginPosted(end: number): void {
  while (nextId < end) {
    const call = posted.shift();
    if (call === undefined) return;
    nextId = call.id + 1;
    void answer(call, placed(call));
  }
}

function beginPlain(call: PlainCall): void {
  beginPosted(call.id);
  while (nextId < call.id) {
    // It was posted before this one was written, unless it could not be posted at all.
    const received = receiveMessageOnPort(port);
    if (received === undefined) break;
    take(received.message as CallMessage);
    beginPosted(call.id);
  }
  nextId = call.id + 1;
  void answer(call, call.arguments);
}

/** A buffer that lies in the arena as a part of it. */
function placed({
  arguments: args,
  place,
}: PostedCall): PostedCall["arguments"] {
  const buffer = bufferOf(args);
  if (args === null || buffer === null || place === null) return args;
  const { length } = buffer;
  const dtype = dtypeOf(buffer)!;
  const own = viewAs(dtype, data.arena.buffer, place, length);
  return { ...args, buffer: own };
}

type Serve = (
  rank: Rank,
  args: PostedCall["arguments"],
  about: AboutCall,
) => Promise<unknown>;

async function answer(
  { id, name }: Pick<PostedCall, "id" | "name">,
  args: PostedCall["arguments"],
): Promise<void> {
  try {
    const rank = await starting;
    const { timeoutMs, number } = (args ?? {}) as Partial<
      Calls["barrier"]["arguments"]
    >;
    const about = { timeoutMs, number, site: () => sites.ask(id) };
    const result = await (SERVANTS[name] as Serve)(rank, args, about);
    if (result === undefined) pump.end(id);
    else reply({ id, ok: true, result });
  } catch (error) {
    fail(id, error);
  }
}

const fail = (id: number, error: unknown): void =>
  reply({ id, ok: false, error: errorToWire(error) });

function reply(message: ReplyMessage): void {
  post(message);
  doorbell.ring();
}

function post(message: ReplyMessage): void {
  port.postMessage(message);
  doorbell.countPosted();
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
