import {
  type CallDescription,
  type DirectCall,
  type SegmentBlock,
  type SharedSegment,
  signature,
  stageBytes,
  type Steps,
} from "@tsmpi/collective";
import {
  bytesOf,
  errorToWire,
  ProcessFailedError,
  RevokedError,
  type TypedArray,
} from "@tsmpi/protocol";
import type { Runtime } from "../runtime";
import type { Segment } from "./segment";

/** A call that waits for so long is looked after by the communication thread, which asks and warns, and has the deadlines. */
const WATCH_AFTER_MS = 500;
/** At the latest after this part of its deadline. */
const WATCH_AFTER_PART = 0.5;

/** One call of the communicator. */
interface SegmentCall {
  readonly runtime: Runtime;
  readonly context: number;
  readonly number: number;
  readonly timeoutMs: number;
  readonly call: CallDescription;
}

/** A communicator whose ranks all share memory: its calls are made by the calling thread itself. */
export class SegmentCommunicator implements SharedSegment {
  readonly block: SegmentBlock;
  readonly #segment: Segment;
  readonly #group: readonly number[];
  #stage: TypedArray | null = null;
  #isReclaimed = false;

  /** @param group world rank of each rank */
  constructor(segment: Segment, block: SegmentBlock, group: readonly number[]) {
    this.#segment = segment;
    this.block = block;
    this.#group = group;
  }

  /** @returns false: the call is to be made over the network */
  make<Result>(
    about: SegmentCall,
    run: (segment: SharedSegment, call: DirectCall) => Steps<Result | false>,
  ): Result | false {
    const { number, call } = about;
    return this.#run(about, run(this, { number, signature: signature(call) }));
  }

  get kernels(): SharedSegment["kernels"] {
    return this.#segment.kernels;
  }
  get stage(): number | null {
    this.#stage ??= this.#segment.allocate(stageBytes(this.block.size));
    return this.#stage && this.addressOf(bytesOf(this.#stage));
  }
  addressOf(bytes: Uint8Array): number | null {
    return this.#segment.addressOf(bytes);
  }
  copyIn(address: number, source: Uint8Array): void {
    this.#segment.copyIn(address, source);
  }
  copyOut(target: Uint8Array, address: number): void {
    this.#segment.copyOut(target, address);
  }

  /** This rank makes no call any more. */
  free(): void {
    this.block.free();
    this.#segment.retire(this);
  }
  /** Once all ranks that live have freed it, its memory here may be used again. */
  reclaim(isGone: (world: number) => boolean): void {
    if (this.#isReclaimed || !this.#areAll("hasFreed", isGone)) return;
    this.#isReclaimed = true;
    if (this.#stage) this.#segment.arena.release(this.#stage);
    this.block.leaveForGood();
  }
  get isReclaimed(): boolean {
    return this.#isReclaimed;
  }
  /** No rank that lives looks into its block any more. */
  isLeft(isGone: (world: number) => boolean): boolean {
    return this.#areAll("hasLeft", isGone);
  }
  #areAll(
    what: "hasFreed" | "hasLeft",
    isGone: (world: number) => boolean,
  ): boolean {
    return this.#group.every(
      (world, rank) => this.block[what](rank) || isGone(world),
    );
  }

  #run<Result>(
    about: SegmentCall,
    steps: Steps<Result | false>,
  ): Result | false {
    const { runtime, number } = about;
    const startMs = performance.now();
    const watch = new Watch(about);
    const waits = {
      sleepers: this.block.sleepers,
      meanwhile: () => {
        runtime.progress();
        watch.look();
        this.#assertHope(about, watch);
      },
      isBusy: () => runtime.messages.isBusy,
    };
    try {
      let step = steps.next();
      for (; !step.done; step = steps.next())
        this.#segment.wait(step.value, waits);
      // Else it goes on over the network, where it is watched already.
      if (step.value !== false) watch.end({ isMade: true });
      return step.value;
    } catch (error) {
      this.block.leave();
      watch.tellAll(error);
      // In the middle of it nobody can go on.
      if (!this.block.divert(number)) {
        this.block.break();
        this.#awaitOthers(about);
      }
      watch.end({ isMade: false });
      throw error;
    } finally {
      runtime.blockedMs += performance.now() - startMs;
    }
  }

  #awaitOthers({ runtime, number }: SegmentCall): void {
    const deadlineMs = performance.now() + LEAVE_MS;
    const isThere = (world: number, rank: number): boolean =>
      !runtime.messages.goneOf(world) && this.block.isIn(rank, number);
    while (this.#group.some(isThere) && performance.now() < deadlineMs)
      runtime.rest();
  }

  /** @throws a rank is gone that has not come, or the communicator is of no use any more */
  #assertHope({ runtime, context, number }: SegmentCall, watch: Watch): void {
    const { messages } = runtime;
    // Unless it is committed, and so made here.
    if (this.block.isDisputed) this.block.divert(number);
    if (messages.isRevoked(context))
      throw new RevokedError("the communicator is revoked");
    for (const world of this.#group) {
      const gone = messages.goneOf(world);
      if (gone) throw gone.error;
    }
    // Whoever broke it tells why.
    if (this.block.isBroken && watch.hasHeardNothing())
      throw new ProcessFailedError(
        "another rank has left a collective in shared memory in its middle",
        [],
      );
  }
}

/** Who breaks a call tells why within this time. */
const REASON_MS = 1_000;

/** How long who leaves a call in its middle waits for others, who may write into its memory, to leave it too. */
const LEAVE_MS = 1_000;

/** Of a call that takes long. */
class Watch {
  readonly #about: SegmentCall;
  readonly #startMs = performance.now();
  #watched: ReturnType<Runtime["watch"]> | null = null;
  /** Since when the call is known to be broken. */
  #brokenMs: number | null = null;

  constructor(about: SegmentCall) {
    this.#about = about;
  }

  /** @throws the call has failed elsewhere, or its deadline has come */
  look(): void {
    const { runtime, call, context, number, timeoutMs } = this.#about;
    const outcome = this.#watched?.outcome;
    if (outcome && !outcome.ok) throw outcome.error;
    const waitedMs = performance.now() - this.#startMs;
    const limitMs = Math.min(WATCH_AFTER_MS, WATCH_AFTER_PART * timeoutMs);
    const isDue = waitedMs > limitMs || this.#brokenMs !== null;
    if (this.#watched === null && isDue)
      this.#watched = runtime.watch({
        ...{ call, context, number, timeoutMs, waitedMs },
      });
  }

  /** The call is broken: watches it from now on. @returns whether nobody has told why for some time */
  hasHeardNothing(): boolean {
    this.#brokenMs ??= performance.now();
    return performance.now() - this.#brokenMs > REASON_MS;
  }

  /** The call fails on every rank. */
  tellAll(error: unknown): void {
    const { runtime, ...inCommunicator } = this.#about;
    // It has been told by whoever told us.
    if (this.#watched?.outcome?.ok === false) return;
    runtime.request(
      "refuse",
      { ...inCommunicator, error: errorToWire(error) },
      () => {},
    );
  }

  end({ isMade }: { readonly isMade: boolean }): void {
    const { runtime, context, number } = this.#about;
    if (this.#watched) runtime.endWatch({ context, number, isMade });
  }
}
