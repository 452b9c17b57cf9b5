import { createHash, timingSafeEqual } from "node:crypto";
import type { Log } from "@tsmpi/protocol";
import { Router, type Observer } from "zeromq";
import { messagesOf, threadContext, track } from "./sockets";

/** RFC 27 (ZAP): the address at which libzmq asks whether a peer may enter. */
const ZAP_ENDPOINT = "inproc://zeromq.zap.01";

/** Enough to notice an attack, not enough to fill a disk. */
const MAX_WARNINGS = 20;

/** Options of a socket that listens: libzmq asks ZAP about every connection before it reads a message from it. */
export const serverCredentials = () =>
  ({ plainServer: true, zapDomain: "tsmpi" }) as const;

/** Options of a socket that connects: it shows the job key. */
export const clientCredentials = (rank: number, jobKey: string) =>
  ({ plainUsername: `rank-${rank}`, plainPassword: jobKey }) as const;

let gate: Promise<void> | null = null;

/**
 * Checks the job key on every listening socket of this thread. Must be awaited before the first `bind`.
 * A thread serves one job: the first key stays.
 */
export async function requireJobKey(jobKey: string, log: Log): Promise<void> {
  gate ??= openGate(jobKey, limited(log));
  await gate;
}

async function openGate(jobKey: string, log: Log): Promise<void> {
  const socket = new Router({ context: threadContext(), linger: 0 });
  await socket.bind(ZAP_ENDPOINT);
  track(socket, answer(socket, digest(jobKey), log));
}

async function answer(
  socket: Router,
  expected: Buffer,
  log: Log,
): Promise<void> {
  for await (const frames of messagesOf(socket)) {
    const [identity, empty, version, request, , address, , mechanism, ...rest] =
      frames;
    const [user, password] = rest;
    const admitted =
      String(mechanism) === "PLAIN" &&
      password !== undefined &&
      timingSafeEqual(digest(password), expected);
    if (!admitted)
      log.warn(
        `refused a connection from ${String(address) || "this host"}: wrong job key (it calls itself "${String(user).slice(0, 40)}")`,
      );
    await socket.send([
      identity!,
      empty!,
      version!,
      request!,
      admitted ? "200" : "400",
      admitted ? "OK" : "wrong job key",
      admitted ? user! : "",
      "",
    ]);
  }
}

/** Equal lengths for the comparison, whatever a stranger sends. */
const digest = (secret: string | Buffer): Buffer =>
  createHash("sha256").update(secret).digest();

/** Logs what strangers do at a listening socket; libzmq has already shut the door on them. */
export function watchStrangers(
  events: Observer,
  where: string,
  log: Log,
): void {
  const refusals = limited(log);
  let unidentified = 0;
  events.on("accept", () => void unidentified++);
  events.on("handshake", () => void unidentified--);
  events.on("handshake:error:auth", () => void unidentified--);
  events.on("handshake:error:protocol", () => {
    unidentified--;
    refusals.warn(
      `refused a connection to ${where}: it does not speak our protocol`,
    );
  });
  events.on("disconnect", () => {
    if (unidentified <= 0) return;
    unidentified--;
    log.info(`a connection to ${where} ended before it had said who it is`);
  });
}

function limited(log: Log): Log {
  let left = MAX_WARNINGS;
  return {
    ...log,
    warn(text) {
      if (left-- > 0) log.warn(text);
      if (left === 0) log.warn("further refusals are not logged");
    },
  };
}
