import { lookup } from "node:dns/promises";
import {
  type CoordinatorMessage,
  isRankMessage,
  type Log,
  pack,
  type RankMessage,
  RendezvousError,
  unpack,
} from "@tsmpi/protocol";
import { Dealer, Router } from "zeromq";
import {
  clientCredentials,
  requireJobKey,
  serverCredentials,
  watchStrangers,
} from "./job-key";
import { Outbox } from "./outbox";
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
  /** MASTER_ADDR: a name or an address of this host. */
  readonly host: string;
  /** 0: the system chooses. */
  readonly port: number;
  readonly jobKey: string;
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

/** @throws {RendezvousError} the address does not resolve, is not this host's, or the port is taken */
export async function listenControl(
  options: ControlServerOptions,
): Promise<ControlServer> {
  const address = await resolveHost(options.host);
  await requireJobKey(options.jobKey, options.log);
  const socket = new Router({
    context: threadContext(),
    ...serverCredentials(),
    linger: FLUSH_MS,
    sendHighWaterMark: 0,
    receiveHighWaterMark: 0,
    mandatory: false,
  });
  watchStrangers(socket.events, "the coordinator", options.log);
  // Also one that is closed at once has a last event, and the process may not exit before it.
  track(socket, lastEvent(socket.events));
  try {
    await socket.bind(`tcp://${address}:${options.port}`);
  } catch (error) {
    closeSocket(socket);
    throw bindError(error as NodeJS.ErrnoException, options);
  }
  track(socket, receive(socket, options));
  const outbox = new Outbox((parts) => socket.send(parts));
  return {
    port: Number(/:(\d+)$/.exec(socket.lastEndpoint ?? "")?.[1] ?? 0),
    send: (rank, message, payload) =>
      outbox.put([
        Buffer.from(controlName(rank)),
        pack(message),
        ...(payload ? [payload] : []),
      ]),
    close: () => closeSocket(socket),
  };
}

function bindError(
  error: NodeJS.ErrnoException,
  { host, port }: ControlServerOptions,
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
  for await (const [name, body, payload] of messagesOf(socket)) {
    const rank = /^rank-(\d+)$/.exec(String(name))?.[1];
    const message = body && tryUnpack(body);
    if (rank === undefined || !isRankMessage(message))
      log.warn("ignored a control message that is not one");
    else onMessage(Number(rank), message, payload ?? null);
  }
}

/** A rank's end of its control connection. */
export interface ControlClient {
  send(message: RankMessage, payload?: Uint8Array): Promise<void>;
  close(): void;
}

export interface ControlClientOptions {
  readonly rank: number;
  readonly host: string;
  readonly port: number;
  readonly jobKey: string;
  readonly onMessage: (
    message: CoordinatorMessage,
    payload: Uint8Array | null,
  ) => void;
  /** The coordinator does not take our job key; or it listens no more, which only one that is said to listen can do. */
  readonly onRefused: (error: RendezvousError) => void;
  /** A launcher has seen the coordinator listen: it need not be waited for. */
  readonly isListening: boolean;
}

/** Refused connections in a row, 50 ms apart, that prove that nobody listens. */
const MAX_RETRIES = 10;

/** Returns before the coordinator has answered: it may start later than we. */
export async function connectControl(
  options: ControlClientOptions,
): Promise<ControlClient> {
  const address = await resolveHost(options.host);
  const socket = new Dealer({
    context: threadContext(),
    ...clientCredentials(options.rank, options.jobKey),
    routingId: controlName(options.rank),
    linger: FLUSH_MS,
    sendHighWaterMark: 0,
    receiveHighWaterMark: 0,
    reconnectInterval: 50,
  });
  const where = `the coordinator at ${options.host}:${options.port}`;
  socket.events.on("handshake:error:auth", () =>
    options.onRefused(
      new RendezvousError(
        `${where} refused the job key of rank ${options.rank}; TSMPI_JOB_KEY must be the same on all ranks`,
      ),
    ),
  );
  let retries = 0;
  socket.events.on("connect:retry", () => {
    if (options.isListening && ++retries === MAX_RETRIES)
      options.onRefused(
        new RendezvousError(
          `${where} is gone: rank 0 ended before all ranks had joined; every rank must use MPI.COMM_WORLD`,
        ),
      );
  });
  socket.connect(`tcp://${address}:${options.port}`);
  track(socket, hear(socket, options), lastEvent(socket.events));
  const outbox = new Outbox((parts) => socket.send(parts));
  return {
    send: (message, payload) =>
      outbox.put(payload ? [pack(message), payload] : [pack(message)]),
    close: () => closeSocket(socket),
  };
}

async function hear(
  socket: Dealer,
  { onMessage }: ControlClientOptions,
): Promise<void> {
  for await (const [body, payload] of messagesOf(socket)) {
    const message = body && tryUnpack(body);
    if (message) onMessage(message as CoordinatorMessage, payload ?? null);
  }
}

function tryUnpack(bytes: Uint8Array): { readonly type: string } | null {
  try {
    const message = unpack(bytes);
    return typeof message === "object" && message !== null && "type" in message
      ? (message as { type: string })
      : null;
  } catch {
    return null;
  }
}

/** ZeroMQ wants numbers where it binds, and its own look-up fails silently where it connects. */
async function resolveHost(host: string): Promise<string> {
  try {
    const { address, family } = await lookup(host);
    return family === 6 ? `[${address}]` : address;
  } catch (error) {
    throw new RendezvousError(
      `MASTER_ADDR "${host}" does not resolve (${(error as NodeJS.ErrnoException).code ?? String(error)}); set it to the name or address of the host that runs rank 0`,
      { cause: error },
    );
  }
}
