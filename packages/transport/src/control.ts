import { isIPv6 } from "node:net";
import {
  type CoordinatorMessage,
  isRankMessage,
  type Log,
  type RankMessage,
  RendezvousError,
} from "@tsmpi/protocol";
import { Dealer, Router } from "zeromq";
import { bindTcp, onePort, type Ports } from "./addresses/bind";
import { hostAndPort, tcpEndpoint } from "./addresses/endpoint";
import { CONTROL_BOUNDS } from "./bounds";
import { framesOf, messageIn } from "./control-frames";
import { Outbox } from "./outbox";
import { CONNECT_MS, watchReach } from "./reach";
import type { Credentials } from "./security/credentials";
import { openDoor } from "./security/door";
import { watchStrangers } from "./security/strangers";
import {
  closeSocket,
  lastEvent,
  messagesOf,
  threadContext,
  track,
} from "./sockets";

export { closeThreadSockets } from "./sockets";

/** The coordinator's end of the control connections. */
export interface ControlServer {
  readonly port: number;
  send(
    rank: number,
    message: CoordinatorMessage,
    payload?: Uint8Array,
  ): Promise<void>;
  /** Gives what is queued up to 200 ms to leave. */
  close(): void;
}

export interface ControlServerOptions {
  /** Of this host, as numbers; those of them that are not are left out if there is another. */
  readonly addresses: readonly string[];
  readonly ports: Ports;
  /** MASTER_ADDR, as it was given. */
  readonly host: string;
  readonly credentials: Credentials;
  readonly log: Log;
  readonly onMessage: (
    rank: number,
    message: RankMessage,
    payload: Uint8Array | null,
  ) => void;
}

const FLUSH_MS = 200;

/** Rank r's control socket carries this name, so that the coordinator can answer it. */
const controlName = (rank: number): string => `rank-${rank}`;

/** The coordinator's name in `Credentials`. */
const COORDINATOR = "coordinator";

/** @throws {RendezvousError} no address is this host's, or the ports are taken */
export async function listenControl(
  options: ControlServerOptions,
): Promise<ControlServer> {
  const { credentials, addresses, log } = options;
  await openDoor(credentials, log);
  const socket = new Router({
    context: threadContext(),
    ...credentials.server(COORDINATOR),
    ...CONTROL_BOUNDS,
    ipv6: addresses.some(isIPv6),
    linger: FLUSH_MS,
    sendHighWaterMark: 0,
    receiveHighWaterMark: 0,
    mandatory: false,
  });
  const { isEncrypted } = credentials;
  const where = "the coordinator";
  watchStrangers(socket.events, { where, isEncrypted, log });
  // Also one that is closed at once has a last event, and the process may not exit before it.
  track(socket, lastEvent(socket.events));
  let port: number;
  try {
    port = await bindAll(socket, options);
  } catch (error) {
    closeSocket(socket);
    throw error;
  }
  track(socket, receive(socket, options));
  const outbox = new Outbox((parts) => socket.send(parts));
  return {
    port,
    send: (rank, message, payload) =>
      outbox.put([
        Buffer.from(controlName(rank)),
        ...framesOf(message, payload),
      ]),
    close: () => closeSocket(socket),
  };
}

/** Binds to each address under one port, which is the first of `ports` that is free. */
async function bindAll(
  socket: Router,
  { addresses, ports, host }: ControlServerOptions,
): Promise<number> {
  let port: number | null = null;
  let problem: unknown;
  for (const address of addresses)
    try {
      port = await bindTcp(
        socket,
        address,
        port === null ? ports : onePort(port),
      );
    } catch (error) {
      if (error instanceof RendezvousError) throw error;
      problem ??= error;
    }
  if (port !== null) return port;
  throw bindError(problem as NodeJS.ErrnoException, host, ports.inOrder[0]!);
}

function bindError(
  error: NodeJS.ErrnoException,
  host: string,
  port: number,
): RendezvousError {
  if (error.code === "EADDRINUSE")
    return new RendezvousError(
      `MASTER_PORT ${port} on ${host} is in use by another program; choose another one, or leave MASTER_PORT unset and a free one is taken`,
      { cause: error },
    );
  return new RendezvousError(
    `cannot listen on MASTER_ADDR=${host}, port ${port}: ${error.message}; MASTER_ADDR must be an address of the host that runs rank 0`,
    { cause: error },
  );
}

async function receive(
  socket: Router,
  { onMessage, log }: ControlServerOptions,
): Promise<void> {
  for await (const [name, ...frames] of messagesOf(socket)) {
    const rank = /^rank-(\d+)$/.exec(String(name))?.[1];
    const found = messageIn(frames);
    if (rank === undefined || !isRankMessage(found?.message))
      log.warn("ignored a control message that is not one");
    else onMessage(Number(rank), found.message, found.payload);
  }
}

/** A rank's end of its control connection. */
export interface ControlClient {
  send(message: RankMessage, payload?: Uint8Array): Promise<void>;
  close(): void;
}

export interface ControlClientOptions {
  readonly rank: number;
  /** MASTER_ADDR, as it was given. */
  readonly host: string;
  /** Of `host`, as a number. */
  readonly address: string;
  readonly port: number;
  readonly credentials: Credentials;
  /** How long it may take to answer, once it listens. */
  readonly connectTimeoutMs: number;
  readonly onMessage: (
    message: CoordinatorMessage,
    payload: Uint8Array | null,
  ) => void;
  /** The coordinator does not take our job key; or it listens no more, which only one that is said to listen can do. */
  readonly onRefused: (error: RendezvousError) => void;
  /** It cannot be reached: says why. That nobody listens is no reason: it may start later. */
  readonly onUnreachable: (why: string) => void;
  /** A launcher has seen the coordinator listen: it need not be waited for. */
  readonly isListening: boolean;
}

/** Refused connections in a row, 50 ms apart, that prove that nobody listens. */
const MAX_RETRIES = 10;

/** Returns before the coordinator has answered: it may start later than we. */
export async function connectControl(
  options: ControlClientOptions,
): Promise<ControlClient> {
  const { rank, credentials, address, port } = options;
  const socket = new Dealer({
    context: threadContext(),
    ...credentials.client(controlName(rank), COORDINATOR),
    ...CONTROL_BOUNDS,
    ipv6: isIPv6(address),
    routingId: controlName(rank),
    linger: FLUSH_MS,
    sendHighWaterMark: 0,
    receiveHighWaterMark: 0,
    reconnectInterval: 50,
    connectTimeout: CONNECT_MS,
  });
  const where = `the coordinator at ${hostAndPort(options.host, port)}`;
  socket.events.on("handshake:error:auth", () =>
    options.onRefused(
      new RendezvousError(
        `${where} refused the job key of rank ${rank}; TSMPI_JOB_KEY must be the same on all ranks`,
      ),
    ),
  );
  let retries = 0;
  socket.events.on("connect", () => void (retries = 0));
  socket.events.on("connect:retry", () => {
    if (options.isListening && ++retries === MAX_RETRIES)
      options.onRefused(
        new RendezvousError(
          `${where} is gone: rank 0 ended before all ranks had joined; every rank must use MPI.COMM_WORLD`,
        ),
      );
  });
  const unwatch = watchReach(socket.events, {
    ...{ address, port, mayStartLater: true },
    timeoutMs: options.connectTimeoutMs,
    onUnreachable: options.onUnreachable,
  });
  socket.connect(tcpEndpoint(address, port));
  track(socket, hear(socket, options), lastEvent(socket.events));
  const outbox = new Outbox((parts) => socket.send(parts));
  return {
    send: (message, payload) => outbox.put(framesOf(message, payload)),
    close() {
      unwatch();
      closeSocket(socket);
    },
  };
}

async function hear(
  socket: Dealer,
  { onMessage }: ControlClientOptions,
): Promise<void> {
  for await (const frames of messagesOf(socket)) {
    const found = messageIn(frames);
    if (found) onMessage(found.message as CoordinatorMessage, found.payload);
  }
}
