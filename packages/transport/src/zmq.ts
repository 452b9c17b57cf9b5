import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InternalError } from "@tsmpi/protocol";
import { Pull, Push } from "zeromq";
import {
  clientCredentials,
  requireJobKey,
  serverCredentials,
  watchStrangers,
} from "./job-key";
import { Outbox } from "./outbox";
import type {
  ConnectOptions,
  Link,
  ListenOptions,
  Transport,
} from "./transport";
import {
  closeSocket,
  lastEvent,
  receiveAll,
  threadContext,
  track,
} from "./sockets";
import { YoungCollections } from "./young-collections";

/** Kernel buffers of a TCP or Unix socket: large enough that a 1 MiB segment does not wait for the reader in the middle. */
const SOCKET_BUFFER_BYTES = 4 << 20;

/** One PULL socket takes what all peers send; each peer connects a PUSH socket of its own, so the order of a pair is kept. */
const over = (bindEndpoint: (host: string) => string): Transport => ({
  async listen(options: ListenOptions) {
    await requireJobKey(options.jobKey, options.log);
    const socket = new Pull({
      context: threadContext(),
      ...serverCredentials(),
      linger: 0,
      receiveHighWaterMark: 0,
      receiveBufferSize: SOCKET_BUFFER_BYTES,
    });
    watchStrangers(socket.events, `rank ${options.rank}`, options.log);
    // Also if it cannot be bound: the process may not exit before its last event.
    track(socket, lastEvent(socket.events));
    await socket.bind(bindEndpoint(options.host));
    const endpoint = socket.lastEndpoint;
    if (endpoint === null) throw new InternalError("bind gave no endpoint");
    track(socket, deliver(socket, options.onMessage));
    return { endpoint, close: () => closeSocket(socket) };
  },

  connect: openLink,
});

async function deliver(
  socket: Pull,
  onMessage: ListenOptions["onMessage"],
): Promise<void> {
  const collections = new YoungCollections();
  await receiveAll(socket, ([header, payload]) => {
    if (header === undefined) return;
    onMessage(header, payload ?? null);
    collections.received(header.byteLength + (payload?.byteLength ?? 0));
  });
}

function openLink(endpoint: string, { rank, jobKey }: ConnectOptions): Link {
  const socket = track(
    new Push({
      context: threadContext(),
      ...clientCredentials(rank, jobKey),
      linger: 0,
      sendHighWaterMark: 0,
      sendBufferSize: SOCKET_BUFFER_BYTES,
    }),
  );
  socket.connect(endpoint);
  const outbox = new Outbox((parts) => socket.send(parts));
  return {
    send: (header, payload) =>
      outbox.put(payload === null ? [header] : [header, payload]),
    close() {
      outbox.close(new InternalError(`the link to ${endpoint} is closed`));
      closeSocket(socket);
    },
  };
}

/** TCP on a port that the system chooses. */
export const tcp = over((host) => `tcp://${host}:0`);

/** Unix domain sockets: on Linux in the abstract namespace, which leaves no file behind; elsewhere in the temporary folder. */
export const ipc = over(() => {
  const name = `tsmpi-${randomBytes(12).toString("hex")}`;
  return process.platform === "linux"
    ? `ipc://@${name}`
    : `ipc://${join(tmpdir(), name)}`;
});
