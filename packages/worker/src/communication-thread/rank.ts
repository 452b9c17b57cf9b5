import { ALLREDUCE_NAMES, Communicator, Mailbox } from "@tsmpi/collective";
import {
  type Log,
  ProcessFailedError,
  type RankAddress,
  type RankEnvironment,
  registeredName,
  type TsmpiError,
  type WireError,
} from "@tsmpi/protocol";
import {
  chooseTransport,
  loadControl,
  loadTransport,
  Mesh,
} from "@tsmpi/transport";
import { SELF_CONTEXT, WORLD_CONTEXT } from "../bridge/calls";
import { RowStream } from "./row-stream";
import { CoordinatorSession, type Session, soloSession } from "./session";

/** Where all that this rank has on the network meets: its mesh, its mailbox, its session with the coordinator, its communicators. */
export class Rank {
  readonly #environment: RankEnvironment;
  readonly #mailbox: Mailbox;
  readonly #mesh: Mesh;
  readonly #communicators = new Map<number, Communicator>();
  /** Ranks that left in good order, with what they sent us; until all of it has arrived. */
  readonly #leaving = new Map<number, number>();
  readonly #session: Session;
  readonly rows: RowStream;

  /** Resolves when all ranks of the job have found each other. */
  static async start(environment: RankEnvironment, log: Log): Promise<Rank> {
    const { rank, size, jobKey } = environment;
    const transport = await loadTransport(
      chooseTransport(environment.transport, size),
    );
    const mailbox = new Mailbox(size);
    const mesh = await Mesh.open({
      rank,
      size,
      transport,
      host: "127.0.0.1",
      jobKey,
      log,
      onFrame(header, payload) {
        mailbox.deliver(header, payload);
        self.#drain(header.source);
      },
    });
    const self = new Rank({ environment, mailbox, mesh, log });
    try {
      await self.#session.open();
    } catch (error) {
      await self.#close();
      throw error;
    }
    mesh.setAddresses(self.addresses);
    return self;
  }

  private constructor({
    environment,
    mailbox,
    mesh,
    log,
  }: {
    readonly environment: RankEnvironment;
    readonly mailbox: Mailbox;
    readonly mesh: Mesh;
    readonly log: Log;
  }) {
    this.#environment = environment;
    this.#mailbox = mailbox;
    this.#mesh = mesh;
    this.#session = this.#newSession(log);
    this.rows = new RowStream((message, payload) =>
      this.#session.send(message, payload),
    );
    const { rank, size } = environment;
    const world = Array.from({ length: size }, (_, r) => r);
    this.#addCommunicator(WORLD_CONTEXT, world, rank);
    this.#addCommunicator(SELF_CONTEXT, [rank], 0);
  }

  get addresses(): readonly RankAddress[] {
    return this.#session.addresses;
  }

  communicator(context: number): Communicator {
    return this.#communicators.get(context)!;
  }

  /** Returns when everybody has all that this rank ever sent. */
  async finalize(): Promise<void> {
    await this.#session.leave(this.#mesh.sent);
    await this.#close();
  }

  async fail(error: WireError): Promise<void> {
    await this.#session.fail(error);
    await this.#close();
  }

  #newSession(log: Log): Session {
    const environment = this.#environment;
    const { endpoint } = this.#mesh;
    if (environment.size === 1) return soloSession(endpoint);
    return new CoordinatorSession({
      environment,
      endpoint,
      log,
      onLeft: (rank, sent) => {
        this.#leaving.set(rank, sent);
        this.#drain(rank);
      },
      onLost: (rank, error) => this.#lose(rank, error),
      onScatter: (message, payload) => this.rows.accept(message, payload),
    });
  }

  #addCommunicator(
    context: number,
    group: readonly number[],
    rank: number,
  ): void {
    const { allreduce, timeoutMs } = this.#environment;
    this.#communicators.set(
      context,
      new Communicator({
        context,
        group,
        rank,
        mailbox: this.#mailbox,
        sender: this.#mesh,
        allreduce: registeredName(
          "allreduce algorithm",
          allreduce,
          ALLREDUCE_NAMES,
        ),
        timeoutMs,
      }),
    );
  }

  /** Once all has arrived that a leaving rank sent, it may go, and whoever waits for more from it is told. */
  #drain(rank: number): void {
    const sent = this.#leaving.get(rank);
    if (sent === undefined || this.#mesh.received[rank]! < sent) return;
    this.#leaving.delete(rank);
    const { host, pid } = this.addresses[rank]!;
    const error = new ProcessFailedError(
      `rank ${rank} (${host}, pid ${pid}) has ended its program while rank ${this.#environment.rank} waits for it; every rank must make the same collective calls`,
      [rank],
    );
    this.#mailbox.failSource(rank, { error, inOrder: true });
    void this.#session.send({ type: "drained", rank });
  }

  #lose(rank: number, error: TsmpiError): void {
    this.#mesh.forget(rank);
    this.#mailbox.failSource(rank, { error, inOrder: false });
    this.rows.fail(error);
  }

  async #close(): Promise<void> {
    this.#session.close();
    this.#mesh.close();
    if (this.#environment.size > 1)
      await (await loadControl()).closeThreadSockets();
  }
}
