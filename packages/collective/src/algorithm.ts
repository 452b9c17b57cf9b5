import type { TypedArray } from "@tsmpi/protocol";
import type { PointToPoint } from "./point-to-point";

/** The collectives that travel over the network, with the code each has in a frame header. */
export const COLLECTIVES = {
  allreduce: 1,
  reduce: 2,
  bcast: 3,
  gather: 4,
  scatter: 5,
  allgather: 6,
  barrier: 7,
} as const;

export type Collective = keyof typeof COLLECTIVES;

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
  /** allreduce, reduce: elements of the buffer. bcast: bytes. gather, scatter, allgather: bytes of each rank's block. */
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

/** `target = op(lower, higher)`, element by element; `target` is one of the two. The lower rank's values come first. */
export type Reduce = (
  target: TypedArray,
  lower: TypedArray,
  higher: TypedArray,
) => void;

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

/** Every rank's bytes in rank order at the root, null elsewhere. */
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

/** Every rank's bytes in rank order, everywhere. */
export type RunAllgather = (
  channel: PointToPoint,
  bytes: Uint8Array,
) => Promise<Uint8Array[]>;

/** Ends nowhere before it has begun everywhere. */
export type RunBarrier = (channel: PointToPoint) => Promise<void>;

interface Runs {
  readonly allreduce: RunAllreduce;
  readonly reduce: RunReduce;
  readonly bcast: RunBroadcast;
  readonly gather: RunGather;
  readonly scatter: RunScatter;
  readonly allgather: RunAllgather;
  readonly barrier: RunBarrier;
}

export type AlgorithmOf<
  Which extends Collective,
  Name extends string = string,
> = Algorithm<Name, Which, Runs[Which]>;

/** Any algorithm, told apart by `collective`. */
export type AnyAlgorithm = {
  [Which in Collective]: AlgorithmOf<Which>;
}[Collective];

type Definition<Name extends string, Which extends Collective> = Pick<
  AlgorithmOf<Which, Name>,
  "name" | "cost" | "run"
>;

const define =
  <Which extends Collective>(collective: Which) =>
  <Name extends string>(
    definition: Definition<Name, Which>,
  ): AlgorithmOf<Which, Name> => ({
    collective,
    needs: "pointToPoint",
    ...definition,
  });

export const defineAllreduce = define("allreduce");
export const defineReduce = define("reduce");
export const defineBroadcast = define("bcast");
export const defineGather = define("gather");
export const defineScatter = define("scatter");
export const defineAllgather = define("allgather");
export const defineBarrier = define("barrier");
