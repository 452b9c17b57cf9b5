import type { TypedArray } from "@tsmpi/protocol";
import type { Hosts } from "./hosts";
import type { PointToPoint } from "./point-to-point";

/** What algorithms are there for. Other calls are made of these. */
export const COLLECTIVES = [
  "allreduce",
  "reduce",
  "bcast",
  "gather",
  "scatter",
  "allgather",
  "barrier",
  "alltoall",
  "reduceScatter",
  "scan",
  "exscan",
] as const;

export type Collective = (typeof COLLECTIVES)[number];

/** What one rank sends to one other during a call. */
export interface LinkTraffic {
  readonly to: number;
  readonly messages: number;
  readonly bytes: number;
}

/** One rank's view of a call, to reckon its cost. */
export interface CostOf {
  readonly rank: number;
  readonly size: number;
  readonly root: number;
  /**
   * Reductions: elements of the buffer; reduceScatter cuts them evenly, see `cut`. bcast: bytes.
   * gather, scatter, allgather: bytes of each rank's block. alltoall: bytes of the block that each rank has for each.
   */
  readonly count: number;
  /** Bytes of an element; 1 where `count` is in bytes. */
  readonly elementBytes: number;
}

export interface Cost {
  /** Rounds of messages, what latency is paid for: no chain of messages, each sent after the one before has arrived, is longer. */
  steps(size: number): number;
  /** What this rank sends, link by link; a link that is not named carries nothing. Tests count and compare. */
  sends(call: CostOf): LinkTraffic[];
}

interface Algorithm<Name extends string, Which extends Collective, Run> {
  readonly collective: Which;
  readonly name: Name;
  /** What it is built on; here always messages between two ranks. */
  readonly needs: "pointToPoint";
  readonly cost: Cost;
  readonly run: Run;
}

/** `target = op(lower, higher)`; `target` is one of the two. The lower rank's values come first. */
export interface Reduce {
  (target: TypedArray, lower: TypedArray, higher: TypedArray): void;
  /** Elements that belong together, a pair of MINLOC's for instance: a buffer is cut at multiples of it alone. Default 1. */
  readonly unit?: number;
}

/** Leaves the reduction in `buffer` on every rank, the same bits everywhere. */
export type RunAllreduce = (
  channel: PointToPoint,
  buffer: TypedArray,
  reduce: Reduce,
) => Promise<void>;

/** Leaves the reduction in `buffer` at the root; elsewhere `buffer` is scratch. */
export type RunReduce = (
  channel: PointToPoint,
  buffer: TypedArray,
  reduce: Reduce,
  root: number,
) => Promise<void>;

/** The root's bytes, on every rank; only the root's argument counts. */
export type RunBroadcast = (
  channel: PointToPoint,
  bytes: Uint8Array | null,
  root: number,
) => Promise<Uint8Array>;

/** Every rank's bytes in rank order at the root, null elsewhere. Blocks may be views of one message. */
export type RunGather = (
  channel: PointToPoint,
  bytes: Uint8Array,
  root: number,
) => Promise<Uint8Array[] | null>;

/** This rank's block of the root's list. */
export type RunScatter = (
  channel: PointToPoint,
  blocks: readonly Uint8Array[] | null,
  root: number,
) => Promise<Uint8Array>;

/** Every rank's bytes in rank order, everywhere. Blocks may be views of one message. */
export type RunAllgather = (
  channel: PointToPoint,
  bytes: Uint8Array,
) => Promise<Uint8Array[]>;

/** Ends nowhere before it has begun everywhere. */
export type RunBarrier = (channel: PointToPoint) => Promise<void>;

/** Block r goes to rank r; block r of the result came from rank r. It belongs to the caller; blocks may be views of one message. */
export type RunAlltoall = (
  channel: PointToPoint,
  blocks: readonly Uint8Array[],
) => Promise<Uint8Array[]>;

/**
 * Leaves this rank's block of the reduction in `buffer`, at its place; the rest of `buffer` is scratch.
 * `counts`: elements of each rank's block, one behind the other, the same on every rank; multiples of the op's unit.
 */
export type RunReduceScatter = (
  channel: PointToPoint,
  buffer: TypedArray,
  counts: readonly number[],
  reduce: Reduce,
) => Promise<void>;

/** Leaves the reduction over all ranks up to this one in `buffer`. */
export type RunScan = (
  channel: PointToPoint,
  buffer: TypedArray,
  reduce: Reduce,
) => Promise<void>;

/** Leaves the reduction over all ranks below this one in `buffer`; rank 0's stays as it was. */
export type RunExscan = RunScan;

/** What an allreduce across hosts does with each segment of a lane. */
export interface LaneVisits {
  /** Before it is reduced or sent: adds what other ranks of this host have of it. */
  readonly prepare: (segment: TypedArray) => void;
  /** It is final. */
  readonly finished: (segment: TypedArray) => void;
}

/** Reduces a lane over those ranks, one of each host, that carry it. */
export type Across = (
  channel: PointToPoint,
  lane: TypedArray,
  visits: LaneVisits,
) => Promise<void>;

/** An allreduce of two kinds of groups, those of a host and those of one rank of each. The order of ranks is not kept. */
export interface GroupedAllreduce<Name extends string> {
  readonly collective: "allreduce";
  readonly name: Name;
  readonly needs: "groups";
  readonly run: (
    channel: PointToPoint,
    buffer: TypedArray,
    reduce: Reduce,
    hosts: Hosts,
    /** Default: a ring. */
    across?: Across,
  ) => Promise<void>;
}

export const defineGroupedAllreduce = <Name extends string>({
  name,
  run,
}: Pick<GroupedAllreduce<Name>, "name" | "run">): GroupedAllreduce<Name> => ({
  collective: "allreduce",
  name,
  needs: "groups",
  run,
});

interface Runs {
  readonly allreduce: RunAllreduce;
  readonly reduce: RunReduce;
  readonly bcast: RunBroadcast;
  readonly gather: RunGather;
  readonly scatter: RunScatter;
  readonly allgather: RunAllgather;
  readonly barrier: RunBarrier;
  readonly alltoall: RunAlltoall;
  readonly reduceScatter: RunReduceScatter;
  readonly scan: RunScan;
  readonly exscan: RunExscan;
}

interface RankOrder {
  /** It only ever combines neighbouring intervals of ranks, the lower one first: right for an op that is not commutative. */
  readonly inRankOrder: boolean;
}
interface BlockLengths {
  /** All blocks of all ranks must have one length. */
  readonly equalBlocks: boolean;
}

/** What algorithms of a collective declare besides their cost. */
interface Declares {
  readonly allreduce: RankOrder;
  readonly reduce: RankOrder;
  readonly bcast: object;
  readonly gather: object;
  readonly scatter: object;
  readonly allgather: object;
  readonly barrier: object;
  readonly alltoall: BlockLengths;
  readonly reduceScatter: RankOrder;
  readonly scan: RankOrder;
  readonly exscan: RankOrder;
}

export type AlgorithmOf<
  Which extends Collective,
  Name extends string = string,
> = Algorithm<Name, Which, Runs[Which]> & Declares[Which];

/** Any algorithm, told apart by `collective`. */
export type AnyAlgorithm = {
  [Which in Collective]: AlgorithmOf<Which>;
}[Collective];

type Definition<Name extends string, Which extends Collective> = Pick<
  Algorithm<Name, Which, Runs[Which]>,
  "name" | "cost" | "run"
> &
  Declares[Which];

const define =
  <Which extends Collective>(collective: Which) =>
  <Name extends string>(
    definition: Definition<Name, Which>,
  ): AlgorithmOf<Which, Name> =>
    // The compiler does not put a generic intersection together again.
    ({
      collective,
      needs: "pointToPoint",
      ...definition,
    }) as unknown as AlgorithmOf<Which, Name>;

export const defineAllreduce = define("allreduce");
export const defineReduce = define("reduce");
export const defineBroadcast = define("bcast");
export const defineGather = define("gather");
export const defineScatter = define("scatter");
export const defineAllgather = define("allgather");
export const defineBarrier = define("barrier");
export const defineAlltoall = define("alltoall");
export const defineReduceScatter = define("reduceScatter");
export const defineScan = define("scan");
export const defineExscan = define("exscan");
