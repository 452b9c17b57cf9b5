import type { Collective } from "./algorithm";
import { algorithmNamed, type AlgorithmName, type Wanted } from "./registry";
import { SEGMENT_BYTES } from "./segments";

// Where one algorithm begins to beat another: `npm run bench`, see docs/performance.md.

/** Up to here the fewest steps win, beyond it the fewest bytes. */
export const LARGE_BYTES = 64 * 1024;
/** A ring whose blocks are smaller spends its time on steps. */
export const RING_BLOCK_BYTES = 32 * 1024;
/** A root serves fewer ranks than this one by one. */
export const MANY_RANKS = 8;
/** Up to here blocks are worth a copy on their way through a tree. */
export const TREE_BLOCK_BYTES = 4096;
/** Up to here blocks of an alltoall are worth log2(p) / 2 ways instead of one. */
export const BRUCK_BLOCK_BYTES = 256;
/** Of all blocks of an allgather: up to here each is worth a copy a step, and in pairs of ranks even more of them. */
export const ALLGATHER_BRUCK_BYTES = 80 * 1024;
export const ALLGATHER_DOUBLING_BYTES = 512 * 1024;
/** Of a reduce-scatter's buffer. */
export const HALVING_BYTES = 512 * 1024;
/** A root reduces the buffers of fewer ranks than this one by one. */
const MANY_BUFFERS = 5;

interface Anything {
  readonly size: number;
}
interface Reduction extends Anything {
  /** Of the whole buffer. */
  readonly bytes: number;
  /** The op is not commutative. */
  readonly needsRankOrder: boolean;
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
};

export interface Selected<Which extends Collective> {
  readonly name: AlgorithmName<Which>;
  /** A sentence for a person. */
  readonly reason: string;
}

/** Which algorithm runs, and why. The same on every rank, since it depends on nothing that ranks do not all know. */
export function select<Which extends Collective>(
  collective: Which,
  call: SelectCall<Which>,
): Selected<Which> {
  const { wanted } = call;
  const automatic = () => AUTOMATIC[collective](call);
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
  name: AlgorithmName<typeof collective>,
  {
    bytes,
    needsRankOrder = false,
  }: {
    readonly size: number;
    readonly bytes?: number | null;
    readonly needsRankOrder?: boolean;
  },
): string | null {
  const algorithm = algorithmNamed(collective, name);
  if (needsRankOrder && "inRankOrder" in algorithm && !algorithm.inRankOrder)
    return "it does not keep the order of ranks, which the op needs";
  if ("equalBlocks" in algorithm && algorithm.equalBlocks && bytes === null)
    return "it needs blocks of one length";
  return null;
}

type Automatic = {
  readonly [Which in Collective]: (call: Calls[Which]) => Selected<Which>;
};

const AUTOMATIC: Automatic = {
  allreduce({ size, bytes, needsRankOrder }) {
    if (bytes <= LARGE_BYTES)
      return { name: "recursive-doubling", reason: few(bytes) };
    if (needsRankOrder)
      return {
        name: "rabenseifner",
        reason: `${bytes} bytes are many, and the op needs the order of ranks`,
      };
    if (bytes < size * RING_BLOCK_BYTES)
      return {
        name: "rabenseifner",
        reason: `${bytes} bytes are many, but few for a ring of ${size} ranks`,
      };
    return {
      name: "ring",
      reason: `${bytes} bytes are many: the ring sends the fewest`,
    };
  },

  reduce({ size, bytes, needsRankOrder }) {
    if (fillsChain(bytes, size)) return { name: "chain", reason: busy(bytes) };
    if (!needsRankOrder)
      return { name: "binomial", reason: `${bytes} bytes do not fill a chain` };
    if (size < MANY_BUFFERS)
      return {
        name: "linear",
        reason: `the op needs the order of ranks, and the root can take in those of ${size}`,
      };
    return {
      name: "binomial-rank-order",
      reason: `the op needs the order of ranks, and ${size} are many for the root`,
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
    if (bytes <= LARGE_BYTES || size < 4)
      return {
        name: "binomial",
        reason: `${bytes} bytes to ${size} ranks are few: the fewest steps win`,
      };
    return {
      name: "scatter-allgather",
      reason: `${bytes} bytes are many: all ranks help to send them`,
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
    if (Number.isInteger(Math.log2(size)) && all <= ALLGATHER_DOUBLING_BYTES)
      return { name: "recursive-doubling", reason: few(all) };
    if (all <= ALLGATHER_BRUCK_BYTES)
      return { name: "bruck", reason: few(all) };
    return {
      name: "ring",
      reason: `${all} bytes are many: the ring copies nothing on the way`,
    };
  },

  alltoall({ size, bytes }) {
    if (bytes !== null && bytes <= BRUCK_BLOCK_BYTES && size >= MANY_RANKS)
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
  size,
  bytes,
}: Reduction): { name: "chain" | "recursive-doubling"; reason: string } =>
  fillsChain(bytes, size)
    ? { name: "chain", reason: busy(bytes) }
    : {
        name: "recursive-doubling",
        reason: `${bytes} bytes do not fill a chain`,
      };

/** For gather and scatter. */
function throughTree({ size, bytes }: Transfer): {
  name: "binomial" | "linear";
  reason: string;
} {
  if (bytes === null)
    return { name: "linear", reason: "lengths are unknown: none goes twice" };
  if (bytes <= TREE_BLOCK_BYTES && size >= MANY_RANKS)
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
  bytes >= size * SEGMENT_BYTES;

const few = (bytes: number): string =>
  `${bytes} bytes are few: the fewest steps win`;
const busy = (bytes: number): string =>
  `${bytes} bytes keep every link of a chain busy`;
