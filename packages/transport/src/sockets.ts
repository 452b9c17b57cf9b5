import { setImmediate } from "node:timers/promises";
import {
  Context,
  type Dealer,
  type Observer,
  type Pull,
  type Router,
  type Socket,
} from "zeromq";
import { YoungCollections } from "./young-collections";

/** Settles when whatever reads from a socket, its messages or its events, has ended. */
type Reader = Promise<unknown>;

let context: Context | null = null;
const open = new Set<Socket>();
const readers = new Set<Reader>();

/**
 * The ZeroMQ context of this thread. A context of our own, not the library's global one: it goes with its thread, and the check
 * of the job key sees only our sockets.
 */
export const threadContext = (): Context => (context ??= new Context());

/** Remembers a socket of this thread until it is closed, and what reads from it until that has ended. */
export function track<Kind extends Socket>(
  socket: Kind,
  ...reading: Reader[]
): Kind {
  open.add(socket);
  for (const reader of reading) {
    readers.add(reader);
    void reader
      .catch((error: unknown) => {
        // It was about to answer on a socket that has been closed meanwhile.
        if (!socket.closed) throw error;
      })
      .finally(() => readers.delete(reader));
  }
  return socket;
}

/** Hands on every message of a socket until it is closed. */
export async function receiveAll(
  socket: Pull,
  onMessage: (parts: Buffer[]) => void,
): Promise<void> {
  let lastTurnMs = performance.now();
  while (!socket.closed) {
    let parts: Buffer[];
    try {
      parts = await socket.receive();
    } catch (error) {
      if (isFalseAlarm(error)) continue;
      throw error;
    }
    onMessage(parts);
    if (performance.now() - lastTurnMs <= TURN_MS) continue;
    await setImmediate();
    lastTurnMs = performance.now();
  }
}

/**
 * Every message of a socket until it is closed. The library's own iteration ends with an error on a false alarm: libzmq announces
 * a peer's credentials as readable, but gives out the message behind them only when all its parts are there.
 */
export async function* messagesOf(
  socket: Pull | Router | Dealer,
): AsyncGenerator<Buffer[]> {
  const collections = new YoungCollections();
  let lastTurnMs = performance.now();
  while (!socket.closed)
    try {
      const frames = await socket.receive();
      yield frames;
      for (const { byteLength } of frames) collections.received(byteLength);
      // While messages wait, receiving them lets no timer run: the heartbeats of this thread would stop.
      if (performance.now() - lastTurnMs > TURN_MS) {
        await setImmediate();
        lastTurnMs = performance.now();
      }
    } catch (error) {
      if (!isFalseAlarm(error)) throw error;
    }
}

const isFalseAlarm = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException).code === "EAGAIN";

/** How long messages may keep a thread's event loop from turning. */
const TURN_MS = 20;

/** Settles with the last event of a socket, which comes after it was closed. */
export const lastEvent = (events: Observer): Reader =>
  new Promise<void>((resolve) => events.on("end", () => resolve()));

export function closeSocket(socket: Socket): void {
  open.delete(socket);
  if (!socket.closed) socket.close();
}

/**
 * Closes every socket of this thread and returns when nothing of ZeroMQ's runs here any more. Only then may the process exit: a
 * thread that is torn down in the middle of a callback of the native library aborts the process.
 */
export async function closeThreadSockets(): Promise<void> {
  for (const socket of open) closeSocket(socket);
  await Promise.allSettled(readers);
  // libuv calls its handles' close callbacks at the end of a turn.
  await setImmediate();
  await setImmediate();
}
