import type { Collective } from "@tsmpi/collective";
import {
  dtypeOf,
  errorToWire,
  typeTag,
  type TypedArray,
} from "@tsmpi/protocol";
import { type Outcome, type Pending, Request } from "./request";
import type { Runtime } from "./runtime";

/** What the two families of calls share: who we are, how a call reaches the other thread, and where buffers lie. */
export abstract class CommunicatorBase {
  /** This process in the communicator: 0 … size − 1. */
  readonly rank: number;
  readonly size: number;
  protected readonly context: number;
  protected readonly runtime: Runtime;

  /** @internal */
  constructor(
    runtime: Runtime,
    { context, rank, size }: { context: number; rank: number; size: number },
  ) {
    this.runtime = runtime;
    this.context = context;
    this.rank = rank;
    this.size = size;
  }

  Get_rank(): number {
    return this.rank;
  }
  Get_size(): number {
    return this.size;
  }

  /** Ends the whole job: this rank exits with `code`, and the launcher ends the others. */
  Abort(code = 1): never {
    process.exit(code);
  }

  /**
   * Begins a collective. If `begin` refuses this rank's arguments, the call fails on every rank: the others, whose arguments
   * may be right, would wait for us.
   */
  protected collective<T>(
    collective: Collective,
    begin: () => Request<T>,
  ): Request<T> {
    try {
      return begin();
    } catch (error) {
      this.refuse(collective, error);
    }
  }

  /**
   * Takes part in the collective that the others call only to make it fail on every rank: this rank cannot go on. Returns at once.
   *
   * @internal
   */
  refuse(collective: Collective, error: unknown): never {
    this.runtime.request(
      "refuse",
      { context: this.context, collective, error: errorToWire(error) },
      () => {},
    );
    throw error;
  }

  /**
   * A buffer as both threads see it: itself if its memory is shared, else scratch of the same length in the arena. `fill` copies
   * the buffer there now; `copyBack` copies it back; `release` gives the scratch back.
   */
  protected share(
    buffer: TypedArray,
    { fill }: { readonly fill: boolean },
  ): {
    readonly shared: TypedArray;
    readonly copyBack: () => void;
    readonly release: () => void;
  } {
    if (isShared(buffer))
      return { shared: buffer, copyBack: () => {}, release: () => {} };
    const scratch = this.scratch(buffer);
    if (fill) scratch.shared.set(buffer as never);
    return {
      ...scratch,
      copyBack: () => buffer.set(scratch.shared as never),
    };
  }

  /** Shared memory of the same type and length. */
  protected scratch(like: TypedArray): {
    readonly shared: TypedArray;
    readonly release: () => void;
  } {
    const { arena } = this.runtime;
    const shared = arena.allocate(dtypeOf(like)!, like.length);
    return { shared, release: () => void arena.release(shared) };
  }

  /** A request that is complete from the start. */
  protected done<T>(value: T): Request<T> {
    return new Request(COMPLETE, () => value);
  }
}

const OUTCOME: Outcome = { ok: true, result: null };

const COMPLETE: Pending = {
  outcome: OUTCOME,
  block: () => OUTCOME,
  poll: () => {},
  listen: (listener) => listener(OUTCOME),
};

const isShared = ({ buffer }: TypedArray): boolean =>
  typeTag(buffer) === "SharedArrayBuffer";
