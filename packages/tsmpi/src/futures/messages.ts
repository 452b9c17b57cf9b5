import type { FunctionReference } from "@tsmpi/protocol";
import type { Thrown } from "./task-error";

/** All messages of a pool have this tag, in a communicator of its own. Each is a list: what there is to say leaves together. */
export const POOL_TAG = 0;

/** The master → a worker, which does one after the other, in this order. */
export type MasterMessage =
  /** From now on `number` stands for this function. */
  | {
      readonly type: "function";
      readonly number: number;
      readonly reference: FunctionReference;
    }
  /** Call this before the first task of a pool; answered by `ready`. */
  | {
      readonly type: "initialize";
      readonly pool: number;
      readonly function: number;
      /** The encoded list of arguments. */
      readonly args: Uint8Array;
    }
  /** Call this as often as there are lists of arguments; answered by `done`. */
  | {
      readonly type: "task";
      readonly task: number;
      readonly function: number;
      /** The encoded list of lists of arguments. */
      readonly calls: Uint8Array;
    }
  /** The pool is shut down: go on with the program. */
  | { readonly type: "stop" };

/** A worker → the master. */
export type WorkerMessage =
  | {
      readonly type: "ready";
      readonly pool: number;
      /** null: the initializer has returned. */
      readonly thrown: Thrown | null;
    }
  | {
      readonly type: "done";
      readonly task: number;
      /** How long it took, in milliseconds. */
      readonly tookMs: number;
      readonly outcome: TaskOutcome;
    };

/** What came of a task: what each call returned, or what the first one that failed threw. */
export type TaskOutcome =
  { readonly values: readonly unknown[] } | { readonly thrown: Thrown };
