import { randomBytes } from "node:crypto";
import { isIPv6 } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, InternalError } from "@tsmpi/protocol";
import { Pull, Push } from "zeromq";
import { bindTcp } from "./addresses/bind";
import { parseTcp, speaksIpv6 } from "./addresses/endpoint";
import { isLoopback } from "./addresses/interfaces";
import { DATA_BOUNDS, MOST_DATA_BYTES, SEND_BOUNDS } from "./bounds";
import { Outbox } from "./outbox";
import { CONNECT_MS, watchReach } from "./reach";
import { openDoor } from "./security/door";
import { watchStrangers } from "./security/strangers";
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

type Bind = (socket: Pull, options: ListenOptions) => Promise<unknown>;

/** A rank's name in `Credentials`. */
const nameOf = (rank: number): string => `rank-${rank}`;

/** One PULL socket takes what all peers send; each peer connects a PUSH socket of its own, so the order of a pair is kept. */
const over = (bind: Bind): Transport => ({
  async listen(options: ListenOptions) {
    const { rank, credentials, log } = options;
    await openDoor(credentials, log);
    const socket = new Pull({
      context: threadContext(),
      ...credentials.server(nameOf(rank)),
      ...DATA_BOUNDS,
      ipv6: isIPv6(options.host),
      linger: 0,
      receiveHighWaterMark: 0,
      receiveBufferSize: SOCKET_BUFFER_BYTES,
    });
    const { isEncrypted } = credentials;
    const where = `rank ${rank}`;
    watchStrangers(socket.events, { where, isEncrypted, log });
    // Also if it cannot be bound: the process may not exit before its last event.
    track(socket, lastEvent(socket.events));
    await bind(socket, options);
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

function openLink(endpoint: string, options: ConnectOptions): Link {
  const { rank, dest, credentials } = options;
  const socket = track(
    new Push({
      context: threadContext(),
      ...credentials.client(nameOf(rank), nameOf(dest)),
      ...SEND_BOUNDS,
      ipv6: speaksIpv6(endpoint),
      linger: 0,
      sendHighWaterMark: 0,
      sendBufferSize: SOCKET_BUFFER_BYTES,
      connectTimeout: CONNECT_MS,
    }),
  );
  const unwatch = watch(socket, endpoint, options);
  socket.connect(endpoint);
  const outbox = new Outbox((parts) => socket.send(parts));
  return {
    send(header, payload) {
      const parts = payload === null ? [header] : [header, payload];
      for (const { byteLength } of parts)
        assert(
          byteLength <= MOST_DATA_BYTES,
          `a part of ${byteLength} bytes, which its receiver would refuse`,
        );
      return outbox.put(parts);
    },
    close() {
      unwatch();
      outbox.close(new InternalError(`the link to ${endpoint} is closed`));
      closeSocket(socket);
    },
  };
}

/** Between processes of one host nothing is in the way. */
function watch(
  socket: Push,
  endpoint: string,
  { connectTimeoutMs: timeoutMs, onUnreachable }: ConnectOptions,
): () => void {
  const peer = parseTcp(endpoint);
  if (peer === null || isLoopback(peer.address)) return () => {};
  track(socket, lastEvent(socket.events));
  return watchReach(socket.events, {
    ...{ ...peer, mayStartLater: false, timeoutMs, onUnreachable },
  });
}

export const tcp = over((socket, { host, ports }) =>
  bindTcp(socket, host, ports),
);

/** Unix domain sockets: on Linux in the abstract namespace, which leaves no file behind; elsewhere in the temporary folder. */
export const ipc = over((socket) => {
  const name = `tsmpi-${randomBytes(12).toString("hex")}`;
  return socket.bind(
    process.platform === "linux"
      ? `ipc://@${name}`
      : `ipc://${join(tmpdir(), name)}`,
  );
});
