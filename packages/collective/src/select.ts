import type { Collective } from "./algorithm";
import {
  algorithmNamed,
  type AlgorithmName,
  DIRECT,
  type GroupedName,
  isGrouped,
  type Wanted,
} from "./registry";
import { SEGMENT_BYTES } from "./segments";

// Where one algorithm begins to beat another: `tsrun bench NAME --algorithms all` with 2, 4, 8 and 16 ranks on two cores, tables in
// docs/performance.md. Where more ranks than these take part, what is sent and how often decides (docs/algorithms.md).

/** Of an all-reduce: up to here the fewest steps win, beyond it the fewest bytes. */
export const ALLREDUCE_DOUBLING_BYTES = 256 << 10;
/** Of an all-reduce: blocks that are worth the steps of a ring. */
export const RING_BLOCK_BYTES = 4 << 20;
/** From here on a chain of segments is faster than a tree, if all of its links are busy. */
export const CHAIN_BYTES = 8 << 20;
/** Of a scan: whoever waits for its left neighbour waits less than for log2(p) exchanges of more than this. */
export const SCAN_DOUBLING_BYTES = 8 << 10;
/** A root takes in so many ranks one by one faster than through a tree; more have not been measured. */
export const MOST_ONE_BY_ONE = 16;
/** Of a block, for more ranks than those: worth a copy on its way through a tree. */
export const TREE_BLOCK_BYTES = 4 << 10;
/** Of a reduction: up to here a root takes in one by one. */
export const LINEAR_REDUCE_BYTES = 256 << 10;
/** An alltoall of fewer ranks has nothing to save. */
export const BRUCK_RANKS = 8;
/** Up to here blocks of an alltoall are worth log2(p) / 2 ways instead of one. */
export const BRUCK_BLOCK_BYTES = 64 << 10;
/** Of all blocks of an allgather: up to here each is worth a copy a step. */
export const ALLGATHER_BRUCK_BYTES = 1 << 20;
/** Of a reduce-scatter's buffer. */
export const HALVING_BYTES = 512 << 10;

interface Anything {
  readonly size: number;
}
interface Reduction extends Anything {
  /** Of the whole buffer. */
  readonly bytes: number;
  /** The op is not commutative. */
  readonly needsRankOrder: boolean;
  /** The ranks of each host; left out where all run on one. */
  readonly hosts?: readonly (readonly number[])[];
}
interface Transfer extends Anything {
  /**
   * bcast: of all. gather, scatter, allgather, alltoall: of a block, if all have that length.
   * Null where not every rank knows: of values, and of blocks that differ.
   */
  readonly bytes: number | null;
}

/** What every rank knows of a call before it begins, so that all choose alike. */
interface Calls {
  readonly allreduce: Reduction;
  readonly reduce: Reduction;
  readonly reduceScatter: Reduction;
  readonly scan: Reduction;
  readonly exscan: Reduction;
  readonly bcast: Transfer;
  readonly gather: Transfer;
  readonly scatter: Transfer;
  readonly allgather: Transfer;
  readonly alltoall: Transfer;
  readonly barrier: Anything;
}

export type SelectCall<Which extends Collective> = Calls[Which] & {
  /** `auto`, or the name that the user forces. */
  readonly wanted: Wanted<Which>;
  /** All ranks see a segment of memory, and the caller waits for the call. */
  readonly sharesMemory?: boolean;
};

export interface Selected<Which extends Collective> {
  readonly name: AlgorithmName<Which> | GroupedName<Which> | "direct";
  /** A sentence for a person. */
  readonly reason: string;
}

/** One that sends messages, or is made of such. */
interface SelectedNetwork<Which extends Collective> {
  readonly name: AlgorithmName<Which> | GroupedName<Which>;
  readonly reason: string;
}

/** Which algorithm runs, and why. The same on every rank, since it depends on nothing that ranks do not all know. */
export function select<Which extends Collective>(
  collective: Which,
  call: SelectCall<Which>,
): Selected<Which> {
  const { wanted, sharesMemory = false } = call;
  const canBeDirect = sharesMemory && DIRECT.has(collective);
  const automatic = (): Selected<Which> =>
    canBeDirect
      ? { name: "direct", reason: "all ranks share memory" }
      : AUTOMATIC[collective](call);
  if (wanted === "auto") return automatic();
  const objection = objectionTo(collective, wanted, call);
  if (objection === null)
    return { name: wanted, reason: `${wanted} was asked for` };
  const { name, reason } = automatic();
  return {
    name,
    reason: `${wanted} was asked for, but ${objection}; ${reason}`,
  };
}

/** Why an algorithm cannot do a call; null if it can. */
function objectionTo(
  collective: Collective,
  name: Exclude<Wanted<typeof collective>, "auto">,
  {
    bytes,
    needsRankOrder = false,
    sharesMemory = false,
    hosts,
  }: {
    readonly size: number;
    readonly bytes?: number | null;
    readonly needsRankOrder?: boolean;
    readonly sharesMemory?: boolean;
    readonly hosts?: Reduction["hosts"];
  },
): string | null {
  if (name === "direct")
    return sharesMemory ? null : "the ranks share no memory for it";
  if (isGrouped(collective, name)) {
    if (needsRankOrder) return LOSES_ORDER;
    return hasGroups(hosts) ? null : "it takes several ranks on several hosts";
  }
  const algorithm = algorithmNamed(
    collective,
    name as AlgorithmName<Collective>,
  );
  if (needsRankOrder && "inRankOrder" in algorithm && !algorithm.inRankOrder)
    return LOSES_ORDER;
  if ("equalBlocks" in algorithm && algorithm.equalBlocks && bytes === null)
    return "it needs blocks of one length";
  return null;
}

const LOSES_ORDER = "it does not keep the order of ranks, which the op needs";

/** There are several hosts, and several ranks on one. */
export const hasGroups = (hosts: Reduction["hosts"]): boolean =>
  hosts !== undefined &&
  hosts.length > 1 &&
  hosts.some((ranks) => ranks.length > 1);

type Automatic = {
  readonly [Which in Collective]: (
    call: Calls[Which],
  ) => SelectedNetwork<Which>;
};

const AUTOMATIC: Automatic = {
  allreduce({ size, bytes, needsRankOrder, hosts }) {
    if (bytes <= ALLREDUCE_DOUBLING_BYTES)
      return { name: "recursive-doubling", reason: few(bytes) };
    if (hasGroups(hosts) && !needsRankOrder)
      return {
        name: "hierarchical",
        reason: `${bytes} bytes are many: each goes between ${hosts!.length} hosts once, not ${size} ranks`,
      };
    if (needsRankOrder)
      return {
        name: "rabenseifner",
        reason: `${bytes} bytes are many, and the op needs the order of ranks`,
      };
    if (size === 2 || bytes < size * RING_BLOCK_BYTES)
      return {
        name: "rabenseifner",
        reason: `${bytes} bytes are many, but few for a ring of ${size} ranks`,
      };
    return {
      name: "ring",
      reason: `${bytes} bytes are many: a ring reduces while it sends`,
    };
  },

  reduce({ size, bytes, needsRankOrder }) {
    if (fillsChain(bytes, size)) return { name: "chain", reason: busy(bytes) };
    if (bytes <= LINEAR_REDUCE_BYTES && size <= MOST_ONE_BY_ONE)
      return {
        name: "linear",
        reason: `the root takes in ${size} times ${bytes} bytes one by one`,
      };
    if (needsRankOrder)
      return {
        name: "binomial-rank-order",
        reason: `${size} times ${bytes} bytes are much for the root, and the op needs the order of ranks`,
      };
    return {
      name: "binomial",
      reason: `${size} times ${bytes} bytes are much for the root`,
    };
  },

  reduceScatter({ bytes, needsRankOrder }) {
    if (needsRankOrder)
      return { name: "pairwise", reason: "the op needs the order of ranks" };
    if (bytes <= HALVING_BYTES)
      return { name: "recursive-halving", reason: few(bytes) };
    return {
      name: "ring",
      reason: `${bytes} bytes are many: a ring reduces while it sends`,
    };
  },

  scan: (call) => alongRanks(call),
  exscan: (call) => alongRanks(call),

  bcast({ size, bytes }) {
    if (bytes === null)
      return { name: "binomial", reason: "only the root knows how many bytes" };
    if (fillsChain(bytes, size)) return { name: "chain", reason: busy(bytes) };
    return {
      name: "binomial",
      reason: `${bytes} bytes to ${size} ranks do not fill a chain`,
    };
  },

  gather: (call) => throughTree(call),
  scatter: (call) => throughTree(call),

  allgather({ size, bytes }) {
    if (bytes === null)
      return {
        name: "bruck",
        reason: "lengths are unknown: the fewest steps, and no more bytes",
      };
    const all = size * bytes;
    if (all <= ALLGATHER_BRUCK_BYTES)
      return { name: "bruck", reason: few(all) };
    return {
      name: "ring",
      reason: `${all} bytes are many: the ring copies nothing on the way`,
    };
  },

  alltoall({ size, bytes }) {
    if (bytes !== null && bytes <= BRUCK_BLOCK_BYTES && size >= BRUCK_RANKS)
      return {
        name: "bruck",
        reason: `${size} blocks of ${bytes} bytes are small: the fewest steps win`,
      };
    return {
      name: "pairwise",
      reason:
        bytes === null
          ? "lengths differ: each block goes straight to its rank"
          : `${size} blocks of ${bytes} bytes go straight to their ranks`,
    };
  },

  barrier: () => ({ name: "dissemination", reason: "there is one" }),
};

/** For scan and exscan. */
const alongRanks = ({
  bytes,
}: Reduction): { name: "chain" | "recursive-doubling"; reason: string } =>
  bytes > SCAN_DOUBLING_BYTES
    ? {
        name: "chain",
        reason: `${bytes} bytes are many: in a chain each goes once`,
      }
    : { name: "recursive-doubling", reason: few(bytes) };

/** For gather and scatter. */
function throughTree({ size, bytes }: Transfer): {
  name: "binomial" | "linear";
  reason: string;
} {
  if (bytes === null)
    return { name: "linear", reason: "lengths are unknown: none goes twice" };
  if (bytes <= TREE_BLOCK_BYTES && size > MOST_ONE_BY_ONE)
    return {
      name: "binomial",
      reason: `${size} blocks of ${bytes} bytes are small: the fewest messages win`,
    };
  return {
    name: "linear",
    reason: `${size} blocks of ${bytes} bytes: none goes twice`,
  };
}

/** There are as many segments as ranks: for most of the time all links are busy. */
const fillsChain = (bytes: number, size: number): boolean =>
  bytes >= Math.max(CHAIN_BYTES, size * SEGMENT_BYTES);

const few = (bytes: number): string =>
  `${bytes} bytes are few: the fewest steps win`;
const busy = (bytes: number): string =>
  `${bytes} bytes keep every link of a chain busy`;
