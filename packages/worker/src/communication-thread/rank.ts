import {
  Activity,
  Communicator,
  type Forced,
  type HostMemory,
  type Hosts,
  Mailbox,
  ranksByHost,
  type SegmentBlock,
  StagedKernels,
  wantedNamed,
} from "@tsmpi/collective";
import {
  EnvironmentError,
  type FrameHeader,
  type Log,
  NO_CALL,
  ProcessFailedError,
  type RankAddress,
  type RankEnvironment,
  type ShareAddress,
  type TsmpiError,
  type WireError,
  errorToWire,
  networkOf,
} from "@tsmpi/protocol";
import {
  chooseTransport,
  type Credentials,
  credentialsOf,
  hostAndPort,
  loadControl,
  loadTransport,
  Mesh,
  parseTcp,
  portsOf,
  type Way,
  wayToCoordinator,
} from "@tsmpi/transport";
import {
  type Agreement,
  type Calls,
  selfContext,
  SETUP_CONTEXT,
  WORLD_CONTEXT,
} from "../bridge/calls";
import { Agreements } from "./agreements";
import { type SharedMemory, stageOf } from "../bridge/arena";
import { blockIn } from "../bridge/block-in";
import { SharedHostMemory } from "./shared-host-memory";
import type { MessagePump } from "./message-pump";
import { Questions } from "./questions";
import {
  CoordinatorSession,
  type DataMessage,
  type Session,
  soloSession,
} from "./session";
import { Streams } from "./streams";

/** How a world of one reaches nobody. */
const NO_WAY: Way = { coordinator: "", own: "127.0.0.1", interface: "lo" };

interface RankParts {
  readonly environment: RankEnvironment;
  readonly log: Log;
  readonly pump: MessagePump;
  /** Whether the program's thread is blocked. */
  readonly isMainAsleep: () => boolean;
  readonly arena: SharedMemory;
  readonly share: ShareAddress | null;
}

interface ConnectedParts extends RankParts {
  readonly credentials: Credentials;
  readonly way: Way;
}

/** @throws {EnvironmentError} LOCAL_WORLD_SIZE says that all ranks run on one host, and they do not */
function assertPlaced(
  { size, localSize }: RankEnvironment,
  addresses: readonly RankAddress[],
): void {
  const networks = addresses.map(({ machine }) => networkOf(machine));
  const other = networks.findIndex((network) => network !== networks[0]);
  if (localSize === size && other > 0)
    throw new EnvironmentError(
      `ranks 0 and ${other} run on different hosts, and LOCAL_WORLD_SIZE says that all ${size} run on one; set it to the number of ranks on each host`,
    );
}

/** Where all that this rank has on the network meets: its mesh, its mailbox, its session with the coordinator, its communicators. */
export class Rank {
  readonly #parts: ConnectedParts;
  readonly #mailbox = new Mailbox();
  readonly #activity: Activity;
  /** What the environment asks for, in every communicator that does not ask for something else. */
  readonly #forced: Forced;
  readonly #mesh: Mesh;
  readonly #communicators = new Map<number, Communicator>();
  /** Ranks that left in good order, with what they sent us; until all of it has arrived. */
  readonly #leaving = new Map<number, number>();
  readonly #revoked = new Set<number>();
  /** What ranks of this host see of each other; null where they share nothing. */
  #hostMemory: HostMemory | null = null;
  /** Where the ranks of a communicator meet in shared memory, by communicator. */
  readonly #blocks = new Map<number, SegmentBlock>();
  readonly #kernels: StagedKernels;
  readonly #session: Session;
  readonly #agreements: Agreements;
  readonly streams: Streams;
  readonly questions: Questions;

  /** Resolves when all ranks of the job have found each other. */
  static async start(parts: RankParts): Promise<Rank> {
    const { environment } = parts;
    const { rank, size, localRank, portRange, connectTimeoutMs } = environment;
    const allreduce = wantedNamed("allreduce", environment.allreduce);
    const name = chooseTransport(environment.transport, environment);
    const transport = await loadTransport(name);
    const credentials = credentialsOf(environment);
    if (rank === 0 && environment.localSize !== size && environment.insecure)
      parts.log.warn(
        "TSMPI_INSECURE=1: what ranks send each other is not encrypted, the job key neither; whoever sees the network can read it and take part",
      );
    const way = size === 1 ? NO_WAY : await wayToCoordinator(environment);
    const mesh = await Mesh.open({
      rank,
      size,
      transport,
      host: way.own,
      ports: portsOf(portRange, 1 + localRank),
      credentials,
      connectTimeoutMs: Math.max(
        connectTimeoutMs,
        // Who is stopped for a while answers no handshake either.
        environment.heartbeatTimeoutMs,
      ),
      log: parts.log,
      onUnreachable: (peer, why) => self.#cannotReach(peer, why),
      onFrame: (header, payload, head) => self.#take(header, payload, head),
    });
    const self = new Rank(
      { ...parts, credentials, way },
      ...[mesh, { allreduce }],
    );
    try {
      await self.#session.open();
      assertPlaced(environment, self.addresses);
    } catch (error) {
      await self.#close();
      throw error;
    }
    mesh.setAddresses(self.addresses);
    return self;
  }

  private constructor(parts: ConnectedParts, mesh: Mesh, forced: Forced) {
    this.#parts = parts;
    this.#kernels = new StagedKernels(parts.arena, stageOf(parts.arena));
    this.#forced = forced;
    this.#mesh = mesh;
    this.#activity = new Activity({
      isMainAsleep: parts.isMainAsleep,
      inSegments: () =>
        [...this.#blocks.values()].flatMap(({ lastCall }) => lastCall ?? []),
    });
    this.#session = this.#newSession();
    this.#agreements = new Agreements((message) => this.#session.send(message));
    this.streams = new Streams((message, payload) =>
      this.#session.send(message, payload),
    );
    this.questions = new Questions((message) => this.#session.send(message));
    const { rank, size } = parts.environment;
    const world = Array.from({ length: size }, (_, r) => r);
    this.openCommunicator(WORLD_CONTEXT, world, rank);
    this.openCommunicator(SETUP_CONTEXT, world, rank);
    this.openCommunicator(selfContext(rank), [rank], 0);
  }

  get addresses(): readonly RankAddress[] {
    return this.#session.addresses;
  }

  communicator(context: number): Communicator {
    return this.#communicators.get(context)!;
  }

  openCommunicator(
    context: number,
    group: readonly number[],
    rank: number,
    forced: Forced = {},
  ): void {
    const { environment, log } = this.#parts;
    const { timeoutMs, stallWarnMs } = environment;
    let hosts: Hosts | null = null;
    this.#communicators.set(
      context,
      new Communicator({
        context,
        group,
        rank,
        mailbox: this.#mailbox,
        sender: this.#mesh,
        forced: { ...this.#forced, ...forced },
        timeoutMs,
        stallWarnMs,
        activity: this.#activity,
        log,
        hosts: () => (hosts ??= this.#hostsOf(group)),
        kernels: (op, dtype) => this.#kernels.for(op, dtype),
        isInSegment: (number) =>
          this.#blocks.get(context)?.isIn(rank, number) ?? false,
        onDispute: () => this.#blocks.get(context)?.dispute(),
      }),
    );
  }

  /** The ranks of this host have mapped each other's shares, all of one length. */
  share(place: Calls["share"]["arguments"]): void {
    this.#hostMemory = new SharedHostMemory(this.#parts.arena, place);
  }

  /** Null: on one host, or not known yet. */
  #hostsOf(group: readonly number[]): Hosts | null {
    const { size, localSize } = this.#parts.environment;
    // The ranks of this host say whether they share memory before the program makes any call.
    if (localSize === size || this.addresses.length === 0) return null;
    const machines = group.map((world) => this.addresses[world]!.machine);
    return { ranks: ranksByHost(machines), memory: this.#hostMemory };
  }

  /** Its ranks share memory: calls that they make there are seen. */
  meet({ context, block, size, rank }: Calls["meet"]["arguments"]): void {
    const place = { offset: block, size, rank };
    this.#blocks.set(context, blockIn(this.#parts.arena, place));
  }

  /** No call is made in it any more; those that are under way go on. */
  async freeCommunicator(context: number): Promise<void> {
    const communicator = this.communicator(context);
    this.#communicators.delete(context);
    this.#blocks.delete(context);
    await communicator.idle();
    this.#mailbox.free(context);
  }

  /** Sends whatever the main thread has written for other ranks. */
  pump(): void {
    this.#parts.pump.pump(this.#mesh);
  }

  /** The same, again and again, whenever there is something. Never ends. */
  async keepPumping(): Promise<never> {
    for (;;) {
      this.pump();
      await this.#parts.pump.awaken();
    }
  }

  agree(question: Calls["agree"]["arguments"]): Promise<Agreement> {
    return this.#agreements.ask(question);
  }

  /** Tells every rank of the communicator; each that hears of it tells all others, so that all hear even if we die now. */
  async revoke(context: number): Promise<void> {
    if (this.#revoked.has(context)) return;
    this.#revoked.add(context);
    this.#mailbox.context(context).revoke();
    const own = this.#parts.environment.rank;
    const frame = {
      kind: "revoked",
      context,
      tag: 0,
      call: NO_CALL,
      payload: new Uint8Array(0),
    } as const;
    await Promise.allSettled(
      (this.#communicators.get(context)?.group ?? [])
        .filter((rank) => rank !== own)
        .map((rank) => this.#mesh.send(rank, frame)),
    );
  }

  /** Returns when everybody has all that this rank ever sent. */
  async finalize(): Promise<void> {
    await this.#session.leave(this.#mesh.sent);
    await this.#mailbox.disputesEnd();
    for (const { message } of this.#mailbox.unraised)
      this.#parts.log.warn(`the program has ended, but: ${message}`);
    await this.#close();
  }

  async fail(error: WireError): Promise<void> {
    await this.#session.fail(error);
    await this.#close();
  }

  #take(header: FrameHeader, payload: Uint8Array, head: Uint8Array): void {
    if (!header.kind.startsWith("collective"))
      this.#parts.pump.deliver(head, payload);
    if (header.kind === "revoked") void this.revoke(header.context);
    else this.#mailbox.deliver(header, payload);
    this.#drain(header.source);
  }

  #newSession(): Session {
    const { environment, log, credentials, way } = this.#parts;
    const { endpoint } = this.#mesh;
    if (environment.size === 1) return soloSession(endpoint);
    return new CoordinatorSession({
      ...{ environment, credentials, way, endpoint },
      share: this.#parts.share,
      log,
      onLeft: (rank, sent) => {
        this.#leaving.set(rank, sent);
        this.#drain(rank);
      },
      onLost: (rank, error) => this.#lose(rank, error),
      onAgreed: (answer) => this.#agreements.accept(answer),
      onData: (message, payload) => this.#takeData(message, payload),
    });
  }

  #takeData(message: DataMessage, payload: Uint8Array | null): void {
    if ("stream" in message) this.streams.accept(message, payload);
    else this.questions.accept(message);
  }

  /** Once all has arrived that a leaving rank sent, it may go, and whoever waits for more from it is told. */
  #drain(rank: number): void {
    const sent = this.#leaving.get(rank);
    if (sent === undefined || this.#mesh.received[rank]! < sent) return;
    this.#leaving.delete(rank);
    this.#mesh.ended(rank);
    const { host, pid } = this.addresses[rank]!;
    const error = new ProcessFailedError(
      `rank ${rank} (${host}, pid ${pid}) has ended its program while rank ${this.#parts.environment.rank} waits for it; every rank must make the same collective calls`,
      [rank],
    );
    this.#tellGone(rank, error, true);
    // Until then the rank stays, and says what its last call was.
    void this.#mailbox
      .disputesEnd()
      .then(() => this.#session.send({ type: "drained", rank }));
  }

  /**
   * No link leads to that rank, though it listens. Neither of the two can be told to go on without the other, so this one fails:
   * its calls raise, and the coordinator tells everybody.
   */
  #cannotReach(peer: number, why: string): void {
    const { rank } = this.#parts.environment;
    const { host } = this.addresses[rank]!;
    const { endpoint } = this.addresses[peer]!;
    const at = parseTcp(endpoint);
    const error = new ProcessFailedError(
      `rank ${rank} on ${host} cannot reach rank ${peer} at ${at ? hostAndPort(at.address, at.port) : endpoint}: ${why}; tried ${this.#parts.way.interface}`,
      [peer],
    );
    this.#session.isolate(error);
  }

  #lose(rank: number, error: TsmpiError): void {
    this.#mesh.forget(rank);
    this.#tellGone(rank, error, false);
    this.streams.fail(error);
    if (rank !== 0) return;
    this.#agreements.fail(error);
    this.questions.fail(error);
  }

  #tellGone(rank: number, error: TsmpiError, inOrder: boolean): void {
    this.#mailbox.failSource(rank, { error, inOrder });
    this.#parts.pump.notify({ rank, error: errorToWire(error), inOrder });
  }

  async #close(): Promise<void> {
    this.#session.close();
    this.#mesh.close();
    if (this.#parts.environment.size > 1)
      await (await loadControl()).closeThreadSockets();
  }
}
