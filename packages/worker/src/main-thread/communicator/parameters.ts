import type { Wanted, WantedCompression } from "@tsmpi/collective";
import type { TypedArray } from "@tsmpi/protocol";
import type { BufferSpec, VectorSpec } from "../buffer-spec";
import type { InPlace } from "../constants";
import type { Group } from "../group";
import type { Info } from "../info";
import type { Op, ValueOp } from "../op";
import type { Call, ParameterNames } from "../options";
import type { Status } from "../status";
import type { Periods } from "../topology/cartesian";
import type { Weights } from "../topology/distributed-graph";

/**
 * In place of a parameter that may be any value and is the only one that must be given: it cannot be told from options. Where
 * another one must be given, too, or where the value is a list, it can.
 */
const VALUE = null;

const NONE = [] as const;
const SEND_VALUE = ["obj", "dest", "tag"] as const;
const RECEIVE_LATER = ["source", "tag"] as const;
const RECEIVE = [...RECEIVE_LATER, "status"] as const;
const SENDRECV_VALUE_LATER = [
  "sendobj",
  "dest",
  "sendtag",
  "source",
  "recvtag",
] as const;
const SENDRECV_VALUE = [...SENDRECV_VALUE_LATER, "status"] as const;

const SEND = ["buf", "dest", "tag"] as const;
const RECEIVE_INTO_LATER = ["buf", "source", "tag"] as const;
const RECEIVE_INTO = [...RECEIVE_INTO_LATER, "status"] as const;
const SENDRECV_LATER = [
  "sendbuf",
  "dest",
  "sendtag",
  "recvbuf",
  "source",
  "recvtag",
] as const;
const SENDRECV = [...SENDRECV_LATER, "status"] as const;
const REPLACE_LATER = ["buf", "dest", "sendtag", "source", "recvtag"] as const;
const REPLACE = [...REPLACE_LATER, "status"] as const;

const ONE_VALUE = [VALUE] as const;
const ROOTED_VALUE = [VALUE, "root"] as const;
const ONE_LIST = ["sendobj"] as const;
const ROOTED_LIST = ["sendobj", "root"] as const;
const REDUCED_VALUE = [VALUE, "op"] as const;
const REDUCED_VALUE_AT_ROOT = [VALUE, "op", "root"] as const;

const BCAST = ["buf", "root"] as const;
const PAIR = ["sendbuf", "recvbuf"] as const;
const ROOTED = [...PAIR, "root"] as const;
const REDUCED = [...PAIR, "op"] as const;
const REDUCED_EVERYWHERE = [
  ...REDUCED,
  "compression",
  "residual",
  "algorithm",
] as const;
const REDUCED_AT_ROOT = [...REDUCED, "root"] as const;
const REDUCED_AND_SCATTERED = [...PAIR, "recvcounts", "op"] as const;

const DUP = ["info"] as const;
const SPLIT = ["color", "key"] as const;
const SPLIT_TYPE = ["split_type", "key", "info"] as const;
const CREATE_GROUP = ["group", "tag"] as const;
const CART = ["dims", "periods", "reorder"] as const;
const GRAPH = ["index", "edges", "reorder"] as const;
const ADJACENT = [
  "sources",
  "destinations",
  "sourceweights",
  "destweights",
  "info",
  "reorder",
] as const;
const DIST_GRAPH = [
  "sources",
  "degrees",
  "destinations",
  "weights",
  "info",
  "reorder",
] as const;
const SHIFT = ["direction", "disp"] as const;
const SUB = ["remain_dims"] as const;

/** What a collective sends: a buffer; or what is in the receive buffer. */
export type Sent<Buffer extends TypedArray = TypedArray> =
  BufferSpec<Buffer> | InPlace;
export type SentParts<Buffer extends TypedArray = TypedArray> =
  VectorSpec<Buffer> | InPlace;

// The calls that have the same parameters. Those with `Later` are complete later: the status is their request's.
export type NoParameters = Call<typeof NONE, []>;
export type SendValue = Call<
  typeof SEND_VALUE,
  [obj: unknown, dest: number, tag?: number]
>;
export type Receive = Call<
  typeof RECEIVE,
  [source?: number, tag?: number, status?: Status | null]
>;
export type ReceiveLater = Call<
  typeof RECEIVE_LATER,
  [source?: number, tag?: number]
>;
export type SendrecvValue = Call<
  typeof SENDRECV_VALUE,
  [
    sendobj: unknown,
    dest: number,
    sendtag?: number,
    source?: number,
    recvtag?: number,
    status?: Status | null,
  ]
>;
export type SendrecvValueLater = Call<
  typeof SENDRECV_VALUE_LATER,
  [
    sendobj: unknown,
    dest: number,
    sendtag?: number,
    source?: number,
    recvtag?: number,
  ]
>;
/** In mpi4py's order: it has a place for a buffer to receive in. */
export type SendrecvWithBuffer = [
  sendobj: unknown,
  dest: number,
  sendtag: number,
  recvbuf: null,
  source?: number,
  recvtag?: number,
  status?: Status | null,
];
export type SendBuffer = Call<
  typeof SEND,
  [buf: BufferSpec, dest: number, tag?: number]
>;
export type ReceiveInto = Call<
  typeof RECEIVE_INTO,
  [buf: BufferSpec, source?: number, tag?: number, status?: Status | null]
>;
export type ReceiveIntoLater = Call<
  typeof RECEIVE_INTO_LATER,
  [buf: BufferSpec, source?: number, tag?: number]
>;
export type Sendrecv = Call<
  typeof SENDRECV,
  [
    sendbuf: BufferSpec,
    dest: number,
    sendtag?: number,
    recvbuf?: BufferSpec,
    source?: number,
    recvtag?: number,
    status?: Status | null,
  ]
>;
export type SendrecvLater = Call<
  typeof SENDRECV_LATER,
  [
    sendbuf: BufferSpec,
    dest: number,
    sendtag?: number,
    recvbuf?: BufferSpec,
    source?: number,
    recvtag?: number,
  ]
>;
export type Replace = Call<
  typeof REPLACE,
  [
    buf: BufferSpec,
    dest: number,
    sendtag?: number,
    source?: number,
    recvtag?: number,
    status?: Status | null,
  ]
>;
export type ReplaceLater = Call<
  typeof REPLACE_LATER,
  [
    buf: BufferSpec,
    dest: number,
    sendtag?: number,
    source?: number,
    recvtag?: number,
  ]
>;

export type OneValue<T> = Call<typeof ONE_VALUE, [sendobj: T]>;
export type OneList<T> = Call<typeof ONE_LIST, [sendobj?: readonly T[] | null]>;
export type RootedValue<T> = Call<
  typeof ROOTED_VALUE,
  [sendobj: T, root?: number]
>;
export type RootedList<T> = Call<
  typeof ROOTED_LIST,
  [sendobj?: readonly T[] | null, root?: number]
>;
export type ReducedValue<T, Combined> = Call<
  typeof REDUCED_VALUE,
  [sendobj: T, op?: ValueOp<Combined>]
>;
export type ReducedValueAtRoot<T, Combined> = Call<
  typeof REDUCED_VALUE_AT_ROOT,
  [sendobj: T, op?: ValueOp<Combined>, root?: number]
>;

export type Bcast = Call<typeof BCAST, [buf: BufferSpec, root?: number]>;
export type Pair<Send, Receive> = Call<
  typeof PAIR,
  [sendbuf: Send, recvbuf: Receive]
>;
export type Rooted<Send, Receive> = Call<
  typeof ROOTED,
  [sendbuf: Send, recvbuf: Receive, root?: number]
>;
export type Reduced<Buffer extends TypedArray = TypedArray> = Call<
  typeof REDUCED,
  [sendbuf: Sent<Buffer>, recvbuf: BufferSpec<Buffer>, op?: Op]
>;
export type ReducedEverywhere<Buffer extends TypedArray = TypedArray> = Call<
  typeof REDUCED_EVERYWHERE,
  [
    sendbuf: Sent<Buffer>,
    recvbuf: BufferSpec<Buffer>,
    op?: Op,
    compression?: WantedCompression | null,
    residual?: Float32Array | null,
    algorithm?: Wanted<"allreduce"> | null,
  ]
>;
export type ReducedAtRoot<Buffer extends TypedArray = TypedArray> = Call<
  typeof REDUCED_AT_ROOT,
  [sendbuf: Sent<Buffer>, recvbuf: BufferSpec<Buffer>, op?: Op, root?: number]
>;
export type ReducedAndScattered<Buffer extends TypedArray = TypedArray> = Call<
  typeof REDUCED_AND_SCATTERED,
  [
    sendbuf: Sent<Buffer>,
    recvbuf: BufferSpec<Buffer>,
    recvcounts?: readonly number[] | null,
    op?: Op,
  ]
>;

export type Duplicate = Call<typeof DUP, [info?: Info | null]>;
export type Split = Call<typeof SPLIT, [color?: number, key?: number]>;
export type SplitType = Call<
  typeof SPLIT_TYPE,
  [split_type: number, key?: number, info?: Info | null]
>;
export type CreateGroup = Call<
  typeof CREATE_GROUP,
  [group: Group, tag?: number]
>;
export type CreateCart = Call<
  typeof CART,
  [dims: readonly number[], periods?: Periods, reorder?: boolean]
>;
export type CreateGraph = Call<
  typeof GRAPH,
  [index: readonly number[], edges: readonly number[], reorder?: boolean]
>;
export type CreateAdjacent = Call<
  typeof ADJACENT,
  [
    sources: readonly number[] | null,
    destinations: readonly number[] | null,
    sourceweights?: Weights,
    destweights?: Weights,
    info?: Info | null,
    reorder?: boolean,
  ]
>;
export type CreateDistGraph = Call<
  typeof DIST_GRAPH,
  [
    sources: readonly number[],
    degrees: readonly number[],
    destinations: readonly number[],
    weights?: Weights,
    info?: Info | null,
    reorder?: boolean,
  ]
>;
export type Shift = Call<typeof SHIFT, [direction: number, disp: number]>;
export type Sub = Call<
  typeof SUB,
  [remain_dims: readonly (boolean | number)[]]
>;

/** A call, its non-blocking twin, and its persistent form. */
const capital = (
  name: string,
  names: readonly string[],
  later = names,
): ParameterNames => ({
  [name]: names,
  [`I${name.toLowerCase()}`]: later,
  [`${name}_init`]: later,
});
const lower = (
  name: string,
  names: readonly (string | null)[],
  later = names,
): ParameterNames => ({ [name]: names, [`i${name}`]: later });

/** The parameters of every call that takes options, by mpi4py's names. */
export const PARAMETERS: ParameterNames = {
  ...lower("send", SEND_VALUE),
  ...lower("bsend", SEND_VALUE),
  ...lower("ssend", SEND_VALUE),
  ...lower("recv", RECEIVE, RECEIVE_LATER),
  ...lower("sendrecv", SENDRECV_VALUE, SENDRECV_VALUE_LATER),
  ...lower("probe", RECEIVE),
  mprobe: RECEIVE,
  improbe: RECEIVE,
  Probe: RECEIVE,
  Iprobe: RECEIVE,
  Mprobe: RECEIVE,
  Improbe: RECEIVE,
  ...capital("Send", SEND),
  ...capital("Bsend", SEND),
  ...capital("Ssend", SEND),
  ...capital("Rsend", SEND),
  ...capital("Recv", RECEIVE_INTO, RECEIVE_INTO_LATER),
  Sendrecv: SENDRECV,
  Isendrecv: SENDRECV_LATER,
  Sendrecv_replace: REPLACE,
  Isendrecv_replace: REPLACE_LATER,

  ...lower("barrier", NONE),
  ...lower("bcast", ROOTED_VALUE),
  ...lower("scatter", ROOTED_LIST),
  ...lower("gather", ROOTED_VALUE),
  ...lower("allgather", ONE_VALUE),
  ...lower("alltoall", ONE_LIST),
  ...lower("reduce", REDUCED_VALUE_AT_ROOT),
  ...lower("allreduce", REDUCED_VALUE),
  ...lower("scan", REDUCED_VALUE),
  ...lower("exscan", REDUCED_VALUE),
  ...lower("neighbor_allgather", ONE_VALUE),
  ...lower("neighbor_alltoall", ONE_LIST),

  ...capital("Barrier", NONE),
  ...capital("Bcast", BCAST),
  ...capital("Gather", ROOTED),
  ...capital("Gatherv", ROOTED),
  ...capital("Scatter", ROOTED),
  ...capital("Scatterv", ROOTED),
  ...capital("Allgather", PAIR),
  ...capital("Allgatherv", PAIR),
  ...capital("Alltoall", PAIR),
  ...capital("Alltoallv", PAIR),
  ...capital("Alltoallw", PAIR),
  ...capital("Reduce", REDUCED_AT_ROOT),
  ...capital("Allreduce", REDUCED_EVERYWHERE),
  ...capital("Reduce_scatter_block", REDUCED),
  ...capital("Reduce_scatter", REDUCED_AND_SCATTERED),
  ...capital("Scan", REDUCED),
  ...capital("Exscan", REDUCED),
  ...capital("Neighbor_allgather", PAIR),
  ...capital("Neighbor_allgatherv", PAIR),
  ...capital("Neighbor_alltoall", PAIR),
  ...capital("Neighbor_alltoallv", PAIR),
  ...capital("Neighbor_alltoallw", PAIR),

  Dup: DUP,
  Idup: DUP,
  Split: SPLIT,
  Split_type: SPLIT_TYPE,
  Create_group: CREATE_GROUP,
  Create_cart: CART,
  Create_graph: GRAPH,
  Create_dist_graph_adjacent: ADJACENT,
  Create_dist_graph: DIST_GRAPH,
  Shift: SHIFT,
  Sub: SUB,
};
