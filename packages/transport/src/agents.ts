import { randomBytes } from "node:crypto";
import { lookup } from "node:dns/promises";
import { isIPv6 } from "node:net";
import { setTimeout } from "node:timers/promises";
import { type Log, RendezvousError } from "@tsmpi/protocol";
import { Dealer, Router } from "zeromq";
import { bindTcp, onePort } from "./addresses/bind";
import { tcpEndpoint } from "./addresses/endpoint";
import { AGENT_BOUNDS } from "./bounds";
import type { LinkListener, MessageLink } from "./message-link";
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

/** The launcher's name in `Credentials`. */
const LAUNCHER = "launcher";
/** As ZeroMQ writes it. */
const ANY = "*";
/** An empty message ends a link in order; the agent answers the launcher's with its own. */
const FAREWELL = new Uint8Array(0);
/**
 * So long the launcher waits for that: a connection that it closed before may be reset, since the agent still sends, and the last word
 * be lost with it. So long the agent waits for the launcher to close: other agents may be further away.
 */
const LAST_WORD_MS = 1_000;
const FLUSH_MS = 200;

const OPTIONS = {
  linger: FLUSH_MS,
  sendHighWaterMark: 0,
  receiveHighWaterMark: 0,
} as const;

export interface AgentServerOptions {
  /** Of this host, as numbers; null: all, IPv4 and IPv6. */
  readonly address: string | null;
  readonly port: number;
  readonly credentials: Credentials;
  readonly log: Log;
  /** An agent has joined, and its messages come by this link; who does not listen at once does not want them. */
  readonly onAgent: (link: MessageLink) => void;
}

/** Where agents join a launcher. */
export interface AgentServer {
  /** Ends all links, in order. Resolves when the agents have heard of it, or in a second. */
  close(): Promise<void>;
}

/** @throws {RendezvousError} it cannot listen there */
export async function listenForAgents(
  options: AgentServerOptions,
): Promise<AgentServer> {
  const { credentials, log, onAgent, port } = options;
  const address = options.address ?? ANY;
  await openDoor(credentials, log);
  const socket = new Router({
    context: threadContext(),
    ...credentials.server(LAUNCHER),
    ...AGENT_BOUNDS,
    ...OPTIONS,
    // Of all addresses a socket of IPv6 has those of IPv4, too.
    ipv6: address === ANY || isIPv6(address),
    // What is sent to an agent that is gone fails.
    mandatory: true,
  });
  watchStrangers(socket.events, {
    ...{ where: "the launcher", isEncrypted: credentials.isEncrypted, log },
  });
  track(socket, lastEvent(socket.events));
  try {
    await bindTcp(socket, address, onePort(port));
  } catch (cause) {
    closeSocket(socket);
    throw new RendezvousError(
      `cannot listen for agents at ${address === ANY ? "any address" : address}, port ${port}: ${(cause as Error).message}; give another port to --agents`,
      { cause },
    );
  }
  const outbox = new Outbox((parts) => socket.send(parts));
  const links = new Map<string, ServedLink>();
  track(
    socket,
    (async () => {
      for await (const [name, body] of messagesOf(socket)) {
        if (name === undefined || body === undefined) continue;
        const key = name.toString("latin1");
        let link = links.get(key);
        if (link === undefined) {
          if (body.byteLength === 0) continue;
          link = new ServedLink((message) => outbox.put([name, message]));
          links.set(key, link);
          onAgent(link);
        }
        link.hear(body);
      }
    })(),
  );
  return {
    async close() {
      await Promise.all(Array.from(links.values(), (link) => link.close()));
      closeSocket(socket);
    },
  };
}

/** The launcher's end. */
class ServedLink implements MessageLink {
  #on: LinkListener | null = null;
  #closing: Promise<void> | null = null;
  /** The agent ends it, has heard that we do, or is gone. */
  #over: () => void = () => {};
  readonly #isOver = new Promise<void>((resolve) => (this.#over = resolve));

  constructor(readonly post: (message: Uint8Array) => Promise<void>) {}

  send(message: Uint8Array): void {
    this.post(message).catch(() => this.#end("the agent is gone"));
  }

  listen(on: LinkListener): void {
    this.#on = on;
  }

  hear(message: Uint8Array): void {
    if (message.byteLength > 0) this.#on?.message(message);
    else this.#end("the agent was stopped");
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.send(FAREWELL);
    const on = this.#on;
    if (on) process.nextTick(() => on.end("the connection was closed"));
    await withinLastWord(this.#isOver);
  }

  #end(why: string): void {
    this.#over();
    this.#on?.end(why);
  }
}

export interface JoinOptions {
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
  readonly credentials: Credentials;
  /** How long a launcher that answers may take for the handshake. */
  readonly timeoutMs: number;
  /** It was there before: that its name does not resolve, or packets have no answer, will pass. */
  readonly mayBeAway: boolean;
}

const RETRY_MS = 1_000;
/** A container that is started again may have another address. */
const LOOKUP_MS = 5_000;

/**
 * Waits until a launcher listens there, however long, and wherever its name has moved to meanwhile.
 *
 * @throws {RendezvousError} who listens there has another job key, or packets are dropped; the name does not resolve
 */
export async function joinLauncher(options: JoinOptions): Promise<MessageLink> {
  for (let { mayBeAway } = options; ; mayBeAway = true) {
    const link = await tryToJoin({ ...options, mayBeAway });
    if (link !== null) return link;
    await setTimeout(RETRY_MS);
  }
}

/** @returns null: nobody is there, and the name must be looked up again */
async function tryToJoin({
  host,
  port,
  credentials,
  timeoutMs,
  mayBeAway,
}: JoinOptions): Promise<MessageLink | null> {
  const where = `the launcher at ${host}:${port}`;
  const found = await addressOf(host);
  if (found instanceof Error) {
    if (mayBeAway) return null;
    throw found;
  }
  const socket = new Dealer({
    context: threadContext(),
    ...credentials.client("agent", LAUNCHER),
    ...AGENT_BOUNDS,
    ...OPTIONS,
    ipv6: isIPv6(found),
    routingId: randomBytes(16).toString("hex"),
    connectTimeout: CONNECT_MS,
    reconnectInterval: 100,
    reconnectMaxInterval: 1_000,
  });
  track(socket, lastEvent(socket.events));
  const waiting = new AbortController();
  try {
    socket.connect(tcpEndpoint(found, port));
    const isThere = await new Promise<boolean>((resolve, reject) => {
      const refuse = (why: string): void =>
        reject(new RendezvousError(`cannot join ${where}: ${why}`));
      socket.events.on("handshake", () => resolve(true));
      socket.events.on("handshake:error:auth", () =>
        refuse("it refuses our job key; TSMPI_JOB_KEY must be the same there"),
      );
      const stop = watchReach(socket.events, {
        ...{ address: found, port, timeoutMs, mayStartLater: true },
        // A key does not become right by waiting.
        onUnreachable: (why, isStranger) =>
          mayBeAway && !isStranger ? resolve(false) : refuse(why),
      });
      waiting.signal.addEventListener("abort", stop);
      void moved({ host, from: found, signal: waiting.signal }).then(
        () => resolve(false),
        () => {},
      );
    });
    if (isThere) return new JoinedLink(socket, where);
    closeSocket(socket);
    return null;
  } catch (error) {
    closeSocket(socket);
    throw error;
  } finally {
    waiting.abort();
  }
}

/** Resolves when a name stands for another address, or for none. @throws the signal aborts */
async function moved({
  host,
  from,
  signal,
}: {
  readonly host: string;
  readonly from: string;
  readonly signal: AbortSignal;
}): Promise<void> {
  do await setTimeout(LOOKUP_MS, undefined, { signal });
  while ((await addressOf(host)) === from);
}

/** An agent's end. */
class JoinedLink implements MessageLink {
  readonly #outbox: Outbox;
  #end: LinkListener["end"] = () => {};
  /** The launcher has ended the link, and closes the connection when all agents have heard of it. */
  #isEnded = false;
  #hasClosed: () => void = () => {};
  readonly #closed = new Promise<void>(
    (resolve) => (this.#hasClosed = resolve),
  );

  constructor(
    private readonly socket: Dealer,
    private readonly launcher: string,
  ) {
    this.#outbox = new Outbox((parts) => socket.send(parts));
  }

  send(message: Uint8Array): void {
    this.#outbox.put([message]).catch(() => {});
  }

  listen({ message, end }: LinkListener): void {
    const { socket, launcher } = this;
    this.#end = end;
    socket.events.on("disconnect", () => {
      this.#hasClosed();
      end(`${launcher} is gone`);
    });
    track(
      socket,
      (async () => {
        for await (const [bytes] of messagesOf(socket))
          if (bytes === undefined || bytes.byteLength === 0) {
            this.send(FAREWELL);
            this.#isEnded = true;
            end(`${launcher} has ended its job`);
          } else message(bytes);
      })(),
    );
  }

  async close(): Promise<void> {
    if (this.#isEnded) await withinLastWord(this.#closed);
    else this.send(FAREWELL);
    closeSocket(this.socket);
    process.nextTick(() => this.#end("the connection was closed"));
  }
}

const withinLastWord = (done: Promise<void>): Promise<void> =>
  Promise.race([done, setTimeout(LAST_WORD_MS, undefined, { ref: false })]);

async function addressOf(host: string): Promise<string | RendezvousError> {
  try {
    return (await lookup(host)).address;
  } catch (cause) {
    return new RendezvousError(
      `the launcher's host ${host} does not resolve (${(cause as NodeJS.ErrnoException).code})`,
      { cause },
    );
  }
}
