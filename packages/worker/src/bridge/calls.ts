import type { MessagePort } from "node:worker_threads";
import type {
  CallDescription,
  Manner,
  Forced,
  ReduceCall,
  Rooted,
} from "@tsmpi/collective";
import type {
  RankAddress,
  DeliveredOfSplit,
  GivenSplit,
  RankEnvironment,
  ShareAddress,
  TypedArray,
  WireError,
} from "@tsmpi/protocol";
import type { SharedMemory } from "./arena";
import type { RingMemory } from "./ring";

/** Which communicator, and what this rank says of its call; every rank must say the same. */
interface InCommunicator<Call extends CallDescription = CallDescription> {
  readonly context: number;
  /** Of the call among those of its communicator. */
  readonly number: number;
  readonly call: Call;
  /** The deadline of the call. */
  readonly timeoutMs: number;
}

/**
 * What the main thread asks of the communication thread, and what it gets. Typed arrays over shared memory cross as they are
 * and are worked on in place; others are copied. `into`: where what is received goes, in shared memory; it must fit exactly.
 */
export interface Calls {
  /** Ready to use: the rendezvous is done. */
  start: { arguments: null; result: readonly RankAddress[] };
  /** From here on this rank has the communicator. */
  open: {
    arguments: {
      context: number;
      group: readonly number[];
      rank: number;
      /** Algorithms that its calls are to use, by collective. */
      forced: Forced;
    };
    result: void;
  };
  /** The ranks of this host share memory: shares of one length, this rank's the one with that index. */
  share: {
    arguments: { shareBytes: number; index: number };
    result: void;
  };
  /** Its ranks share memory, and meet there: at this place in the arena. */
  meet: {
    arguments: {
      context: number;
      block: number;
      size: number;
      rank: number;
    };
    result: void;
  };
  /** No call is made in it any more. */
  free: { arguments: { context: number }; result: void };
  /** Tells every rank of it. */
  revoke: { arguments: { context: number }; result: void };
  allreduce: {
    arguments: InCommunicator<ReduceCall> & {
      buffer: TypedArray;
      manner: Manner;
    };
    result: void;
  };
  reduce: {
    arguments: InCommunicator<ReduceCall & Rooted> & { buffer: TypedArray };
    result: void;
  };
  /** This rank's block is at its place in `buffer` afterwards; the rest is scratch. */
  reduceScatter: {
    arguments: InCommunicator<ReduceCall> & {
      buffer: TypedArray;
      counts: readonly number[];
    };
    result: void;
  };
  scan: {
    arguments: InCommunicator<ReduceCall> & { buffer: TypedArray };
    result: void;
  };
  exscan: {
    arguments: InCommunicator<ReduceCall> & { buffer: TypedArray };
    result: void;
  };
  bcast: {
    arguments: InCommunicator<CallDescription & Rooted> & {
      /** The root's. */
      bytes: Uint8Array | null;
      into: Uint8Array | null;
    };
    result: Uint8Array | null;
  };
  gather: {
    arguments: InCommunicator<CallDescription & Rooted> & {
      bytes: Uint8Array;
      into: Blocks | null;
    };
    result: Blocks | null;
  };
  scatter: {
    arguments: InCommunicator<CallDescription & Rooted> & {
      blocks: Blocks | null;
      into: Uint8Array | null;
    };
    result: Uint8Array | null;
  };
  allgather: {
    arguments: InCommunicator & { bytes: Uint8Array; into: Blocks | null };
    result: Blocks | null;
  };
  alltoall: {
    arguments: InCommunicator & { blocks: Blocks; into: Blocks | null };
    result: Blocks | null;
  };
  /** With neighbours: ranks of the communicator. */
  exchange: {
    arguments: InCommunicator & {
      blocks: Blocks;
      destinations: readonly number[];
      sources: readonly number[];
      into: Blocks | null;
    };
    result: Blocks | null;
  };
  barrier: { arguments: InCommunicator; result: void };
  /** A call that is made in shared memory takes long: ends with `endWatch`, or fails for it. */
  watch: {
    arguments: InCommunicator & { waitedMs: number };
    result: void;
  };
  endWatch: {
    arguments: {
      context: number;
      number: number;
      /** The call has ended well on this rank. */
      isMade: boolean;
    };
    result: void;
  };
  /** Makes the next collective fail on every rank: this rank's arguments are wrong. */
  refuse: {
    arguments: InCommunicator & { error: WireError };
    result: never;
  };
  /** What the living ranks of the communicator agree on, in spite of failures. */
  agree: {
    arguments: {
      context: number;
      /** Of the agreements of this communicator. */
      number: number;
      group: readonly number[];
      flag: number;
      /** What the agreement is told of this rank, and tells of the lowest one that lives. */
      offer: number;
    };
    result: Agreement;
  };
  /** Root: each rank's bytes, in parts, through the coordinator; the root's own stay. */
  scatterBytes: {
    arguments: {
      stream: string;
      blobs: readonly (readonly Uint8Array[] | null)[];
    };
    result: void;
  };
  /** The other ranks: all bytes that the root has for this one, which fill `into`, in shared memory. */
  receiveBytes: {
    arguments: { stream: string; into: Uint8Array };
    result: void;
  };
  /** The next piece of a stream, in `into` or, where that is too small, in memory of its own, all of it shared; null at the end. */
  receivePiece: {
    arguments: { stream: string; into: Uint8Array };
    result: Uint8Array | null;
  };
  stopStream: { arguments: { stream: string }; result: void };
  /** A split of a dataset for this rank; null: there is none any more. */
  askSplits: {
    arguments: {
      dataset: number;
      pass: number;
      about: string;
      splits: number;
      waits: boolean;
    };
    result: readonly GivenSplit[];
  };
  splitLeft: {
    arguments: { dataset: number; pass: number };
    result: void;
  };
  splitDelivered: {
    arguments: {
      dataset: number;
      pass: number;
      delivered: readonly DeliveredOfSplit[];
    };
    result: void;
  };
  /** What each rank says of a pass; null for one that is gone. */
  account: {
    arguments: { dataset: number; pass: number; account: object };
    result: readonly (object | null)[];
  };
  /** Ranks that are gone and have said nothing of a pass. */
  absent: {
    arguments: { dataset: number; pass: number };
    result: readonly number[];
  };
  /** The program ended with success: returns when everybody has all that this rank sent. */
  finalize: { arguments: null; result: void };
  /** The program ends with an error: tells the others. */
  fail: { arguments: { error: WireError }; result: void };
}

/** The buffer of a reduction; null for other calls. */
export const bufferOf = (
  args: Calls[CallName]["arguments"],
): TypedArray | null => (args && "buffer" in args ? args.buffer : null);

/** In the order of the ranks concerned. */
export type Blocks = readonly Uint8Array[];

export interface Agreement {
  /** The bits that all have set. */
  readonly flag: number;
  /** World ranks that take no part any more. */
  readonly failed: readonly number[];
  /** Of the lowest rank that lives. */
  readonly offer: number;
}

export type CallName = keyof Calls;

/** Main thread → communication thread: look into the rings; make this call; the call with this number was made here. */
export type CallMessage =
  | typeof LOOK
  | {
      [Name in CallName]: {
        readonly id: number;
        readonly name: Name;
        readonly arguments: Calls[Name]["arguments"];
        /** Where in the arena its `buffer` lies. Memory arrives as another object, by which the arena is not known. */
        readonly place: number | null;
      };
    }[CallName]
  | { readonly id: number; readonly site: string | null };

/** Communication thread → main thread: look into the rings; the outcome of a call; where was this call made? */
export type ReplyMessage =
  | typeof LOOK
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly error: WireError }
  | { readonly siteOf: number };

export const LOOK = "look";

/** Handed to the communication thread when it starts. */
export interface CommunicationThreadData {
  readonly environment: RankEnvironment;
  readonly port: MessagePort;
  readonly bell: Int32Array<SharedArrayBuffer>;
  /** Handed over so that both threads see the same pages. */
  readonly arena: SharedMemory;
  /** What this rank offers to the others of its host. */
  readonly share: ShareAddress | null;
  /** Messages of the main thread to other ranks, and to it. */
  readonly outgoing: RingMemory;
  readonly incoming: RingMemory;
}

/** In each share, behind its header and its directory: the word that counts calls of its rank that have failed. */
export const FAILURES_AT = 2_048;

/** The communicator of all ranks; each rank's of itself; the first serial that a rank gives to a communicator it leads. */
export const WORLD_CONTEXT = 0;
/** Of calls that all ranks make before the program's. */
export const SETUP_CONTEXT = -1;
export const contextOf = (leader: number, number: number): number =>
  leader * 2 ** 32 + number;
export const partsOf = (
  context: number,
): { readonly leader: number; readonly number: number } => ({
  leader: Math.floor(context / 2 ** 32),
  number: context % 2 ** 32,
});
/** A communicator's number tells, in its lowest bits, where its leader has made room for it in shared memory: 0 is nowhere. */
export const ENTRIES = 256;
export const numberOf = (serial: number, entry: number): number =>
  serial * ENTRIES + entry;
export const entryOf = (number: number): number => number % ENTRIES;
export const serialOf = (number: number): number =>
  Math.floor(number / ENTRIES);
/** A number has 32 bits. */
export const SERIALS = 2 ** 32 / ENTRIES;
const SELF_NUMBER = 1;
export const selfContext = (rank: number): number =>
  contextOf(rank, SELF_NUMBER);
export const FIRST_SERIAL = 2;
/** For messages of ours among a communicator's ranks, which no receive of the program's meets. */
export const shadowContext = (context: number): number => -1 - context;
