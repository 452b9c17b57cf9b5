import type { MessagePort } from "node:worker_threads";
import type { SharedMemory } from "./arena";
import type {
  Collective,
  Received,
  ReduceOp,
  UserCall,
} from "@tsmpi/collective";
import type {
  Dtype,
  RankAddress,
  RankEnvironment,
  TypedArray,
  WireError,
} from "@tsmpi/protocol";

/**
 * What the main thread asks of the communication thread, and what it gets. Typed arrays over shared memory cross as they are
 * and are worked on in place; others are copied.
 */
export interface Calls {
  /** Ready to use: the rendezvous is done. */
  start: { arguments: null; result: readonly RankAddress[] };
  allreduce: {
    arguments: InCommunicator<{ buffer: TypedArray; op: ReduceOp }>;
    result: void;
  };
  reduce: {
    arguments: InCommunicator<{
      buffer: TypedArray;
      op: ReduceOp;
      root: number;
    }>;
    result: void;
  };
  /** A value, as encoded bytes, given back where they were not sent; or a shared buffer, which is sent or filled in place. */
  bcast: {
    arguments: InCommunicator<{
      bytes: Uint8Array | null;
      buffer: TypedArray | null;
      root: number;
    }>;
    result: Uint8Array | null;
  };
  gather: {
    arguments: InCommunicator<{
      bytes: Uint8Array;
      dtype: Dtype | null;
      root: number;
      as: UserCall;
    }>;
    result: readonly Uint8Array[] | null;
  };
  scatter: {
    arguments: InCommunicator<{
      blocks: readonly Uint8Array[] | null;
      dtype: Dtype | null;
      root: number;
    }>;
    result: Uint8Array;
  };
  allgather: {
    arguments: InCommunicator<{
      bytes: Uint8Array;
      dtype: Dtype | null;
      as: UserCall;
    }>;
    result: readonly Uint8Array[];
  };
  barrier: { arguments: InCommunicator<object>; result: void };
  /** Makes the next collective fail on every rank: this rank's arguments are wrong. */
  refuse: {
    arguments: InCommunicator<{ collective: Collective; error: WireError }>;
    result: never;
  };
  send: {
    arguments: InCommunicator<{
      dest: number;
      tag: number;
      bytes: Uint8Array;
      dtype: Dtype | null;
    }>;
    result: void;
  };
  receive: {
    arguments: InCommunicator<{ source: number; tag: number }>;
    result: Received;
  };
  /** Root: each rank's bytes, in parts, through the coordinator; the root's own stay. */
  scatterRows: {
    arguments: { blobs: readonly (readonly Uint8Array[] | null)[] };
    result: void;
  };
  /** The other ranks: the bytes that the root's next `scatterRows` has for this one, in shared memory. */
  receiveRows: { arguments: null; result: Uint8Array };
  /** The program ended with success: returns when everybody has all that this rank sent. */
  finalize: { arguments: null; result: void };
  /** The program ends with an error: tells the others. */
  fail: { arguments: { error: WireError }; result: void };
}

export type CallName = keyof Calls;

type InCommunicator<Arguments> = Arguments & { readonly context: number };

/** Main thread → communication thread. */
export type CallMessage = {
  [Name in CallName]: {
    readonly id: number;
    readonly name: Name;
    readonly arguments: Calls[Name]["arguments"];
  };
}[CallName];

/** Communication thread → main thread. */
export type ReplyMessage =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly error: WireError };

/** Handed to the communication thread when it starts. */
export interface CommunicationThreadData {
  readonly environment: RankEnvironment;
  readonly port: MessagePort;
  readonly bell: Int32Array<SharedArrayBuffer>;
  /** Handed over so that both threads see the same pages. */
  readonly arena: SharedMemory;
}

/** The contexts of the two communicators that every rank has. */
export const WORLD_CONTEXT = 0;
export const SELF_CONTEXT = 1;
