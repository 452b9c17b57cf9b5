import { hostname } from "node:os";
import {
  type CoordinatorMessage,
  errorFromWire,
  errorToWire,
  type Log,
  ProcessFailedError,
  PROTOCOL_VERSION,
  type RankAddress,
  type RankEnvironment,
  type RankMessage,
  RendezvousError,
  type ShareAddress,
  type TsmpiError,
  type WireError,
  machineOf,
} from "@tsmpi/protocol";
import {
  type ControlClient,
  type Credentials,
  hostAndPort,
  loadControl,
  type Way,
} from "@tsmpi/transport";
import { defer } from "./deferred";
import { LeastMemory } from "./least-memory";

export type AgreedMessage = Extract<
  CoordinatorMessage,
  { readonly type: "agreed" }
>;

/** Streams, splits and accounts. */
export type DataMessage = Extract<
  CoordinatorMessage,
  { readonly stream: string } | { readonly pass: number }
>;

export interface SessionOptions {
  readonly environment: RankEnvironment;
  readonly credentials: Credentials;
  readonly way: Way;
  readonly endpoint: string;
  readonly share: ShareAddress | null;
  readonly log: Log;
  /** This rank ended in good order, having sent `sent` messages to us. */
  readonly onLeft: (rank: number, sent: number) => void;
  readonly onLost: (rank: number, error: TsmpiError) => void;
  readonly onAgreed: (answer: AgreedMessage) => void;
  /** Of the services for datasets. */
  readonly onData: (message: DataMessage, payload: Uint8Array | null) => void;
}

/** A rank's relation to the coordinator: it joins, shows that it lives, hears who is gone, and leaves. */
export interface Session {
  /** Empty until `open` has resolved. */
  readonly addresses: readonly RankAddress[];
  /** Resolves when all ranks have joined. */
  open(): Promise<void>;
  send(message: RankMessage, payload?: Uint8Array): Promise<void>;
  /** Resolves when everybody has what this rank sent; also when the coordinator is gone. */
  leave(sent: readonly number[]): Promise<void>;
  fail(error: WireError): Promise<void>;
  /** This rank cannot go on with the others, and says so: all of them are lost to it, and it to them. */
  isolate(error: TsmpiError): void;
  close(): void;
}

/** If our own tick is this late, we slept, and silence says nothing about the coordinator. */
const OVERSLEPT_MS = 2_000;

export class CoordinatorSession implements Session {
  addresses: readonly RankAddress[] = [];
  readonly #options: SessionOptions;
  #control: ControlClient | null = null;
  #beating: NodeJS.Timeout | null = null;
  #lastHeardMs = performance.now();
  #lastTickMs = performance.now();
  readonly #memory = new LeastMemory(performance.now());
  #isCoordinatorLost = false;
  readonly #welcome = defer<void>();
  readonly #released = defer<void>();

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const { environment, endpoint, credentials, way } = this.#options;
    const { rank, size, masterAddr, masterPort } = environment;
    const { connectTimeoutMs } = environment;
    const sockets = await loadControl();
    this.#control = await sockets.connectControl({
      ...{ rank, credentials, connectTimeoutMs },
      ...{ host: masterAddr, address: way.coordinator, port: masterPort },
      onMessage: (message, payload) => this.#receive(message, payload),
      onRefused: (error) => this.#welcome.reject(error),
      onUnreachable: (why) =>
        this.#welcome.reject(
          new RendezvousError(
            `rank ${rank} on ${hostname()} cannot reach rank 0 at ${hostAndPort(way.coordinator, masterPort)}: ${why}; tried ${way.interface}`,
          ),
        ),
      isListening: environment.statusFd !== null,
    });
    const deadline = setTimeout(
      () => this.#welcome.reject(unreachable(environment)),
      // The coordinator names who is missing; this is for when there is none.
      environment.startTimeoutMs + environment.heartbeatTimeoutMs,
    );
    const { share } = this.#options;
    const address = {
      ...{ rank, endpoint, host: hostname(), machine: machineOf() },
      ...{ pid: process.pid, share },
    };
    try {
      // Together: a coordinator that has refused our key already takes no message any more, and the send never ends.
      await Promise.all([
        this.send({ type: "join", version: PROTOCOL_VERSION, size, address }),
        this.#welcome.promise,
      ]);
    } finally {
      clearTimeout(deadline);
    }
    this.#lastHeardMs = this.#lastTickMs = performance.now();
    this.#beating = setInterval(() => this.#beat(), environment.heartbeatMs);
  }

  async send(message: RankMessage, payload?: Uint8Array): Promise<void> {
    await this.#control?.send(message, payload);
  }

  async leave(sent: readonly number[]): Promise<void> {
    if (this.#isCoordinatorLost) return;
    await this.send({ type: "leave", sent });
    await this.#released.promise;
  }

  async fail(error: WireError): Promise<void> {
    if (!this.#isCoordinatorLost) await this.send({ type: "failed", error });
  }

  isolate(error: TsmpiError): void {
    if (this.#isCoordinatorLost) return;
    this.fail(errorToWire(error)).catch((problem: unknown) =>
      this.#options.log.info(`nobody was told: ${String(problem)}`),
    );
    this.#loseAll(error);
  }

  close(): void {
    if (this.#beating) clearInterval(this.#beating);
    this.#control?.close();
    this.#control = null;
  }

  #receive(message: CoordinatorMessage, payload: Uint8Array | null): void {
    this.#lastHeardMs = performance.now();
    switch (message.type) {
      case "welcome":
        this.addresses = message.addresses;
        return this.#welcome.resolve();
      case "refused":
        return this.#welcome.reject(errorFromWire(message.error));
      case "heartbeat":
        return;
      case "left":
        return this.#options.onLeft(message.rank, message.sent);
      case "released":
        return this.#released.resolve();
      case "lost": {
        const error = errorFromWire(message.error);
        return message.rank === this.#options.environment.rank
          ? this.#loseAll(error)
          : this.#options.onLost(message.rank, error);
      }
      case "agreed":
        return this.#options.onAgreed(message);
      case "stream-piece":
      case "stream-end":
      case "stream-credit":
      case "stream-stopped":
      case "splits":
      case "split-refused":
      case "accounted":
      case "absent":
        return this.#options.onData(message, payload);
    }
  }

  #beat(): void {
    const { environment, log } = this.#options;
    const nowMs = performance.now();
    const sinceTickMs = nowMs - this.#lastTickMs;
    this.#lastTickMs = nowMs;
    if (sinceTickMs > OVERSLEPT_MS) this.#lastHeardMs += sinceTickMs;
    const silentMs = nowMs - this.#lastHeardMs;
    if (silentMs > environment.heartbeatTimeoutMs)
      return this.#loseCoordinator(silentMs);
    const tell = (message: RankMessage) =>
      this.send(message).catch((error: unknown) =>
        log.info(`a ${message.type} message did not leave: ${String(error)}`),
      );
    void tell({ type: "heartbeat" });
    const residentBytes = this.#memory.observe(
      process.memoryUsage.rss(),
      nowMs,
    );
    if (residentBytes !== null) void tell({ type: "memory", residentBytes });
  }

  /** Rank 0 and the coordinator are one process: with it goes the news of everybody else. */
  #loseCoordinator(silentMs: number): void {
    if (this.#isCoordinatorLost) return;
    this.#isCoordinatorLost = true;
    const { host, pid } = this.addresses[0]!;
    this.#loseAll(
      new ProcessFailedError(
        `no heartbeat from rank 0 (${host}, pid ${pid}), which runs the coordinator, for ${Math.round(silentMs)} ms`,
        [0],
      ),
    );
  }

  /** We are alone: the coordinator is gone, or takes us for dead. */
  #loseAll(error: TsmpiError): void {
    for (const { rank } of this.addresses)
      if (rank !== this.#options.environment.rank)
        this.#options.onLost(rank, error);
    this.#released.resolve();
  }
}

const unreachable = ({
  masterAddr,
  masterPort,
  startTimeoutMs,
}: RankEnvironment): RendezvousError =>
  new RendezvousError(
    `no coordinator answered at MASTER_ADDR=${masterAddr} MASTER_PORT=${masterPort} within ${startTimeoutMs / 1000} s; is rank 0 running, and are address and port the same everywhere?`,
  );

/** A world of one needs no coordinator. */
export const soloSession = (endpoint: string): Session => ({
  addresses: [
    {
      ...{ rank: 0, endpoint, host: hostname(), machine: machineOf() },
      ...{ pid: process.pid, share: null },
    },
  ],
  open: async () => {},
  send: async () => {},
  leave: async () => {},
  fail: async () => {},
  isolate: () => {},
  close: () => {},
});
