import {
  type AnyFunction,
  decodeValue,
  encodeValue,
  SerializationError,
} from "@tsmpi/protocol";
import type { TaskOutcome } from "./messages";
import { thrownToWire } from "./task-error";

/**
 * Calls a function, synchronous or not, with each list of arguments in turn. Never throws.
 *
 * @param calls the encoded list of lists of arguments
 * @param rank for people: who runs it
 */
export async function runTask(
  find: AnyFunction | Promise<AnyFunction>,
  calls: Uint8Array,
  rank: number,
): Promise<TaskOutcome> {
  try {
    const fn = (typeof find === "function" ? find : await find) as (
      ...args: unknown[]
    ) => unknown;
    const values: unknown[] = [];
    for (const args of decodeValue(calls) as unknown[][]) {
      const value = fn(...args);
      values.push(isThenable(value) ? await value : value);
    }
    return { values };
  } catch (error) {
    return { thrown: thrownToWire(error, rank) };
  }
}

/** What is reported in place of values that cannot be sent. */
export const unsendable = (
  error: SerializationError,
  rank: number,
): TaskOutcome => ({
  thrown: thrownToWire(
    new SerializationError(
      `a task returned what cannot be sent: ${error.message.replace(/^value(\[0\]\.outcome)?\.values\[\d+\]/, "value")}`,
    ),
    rank,
  ),
});

/**
 * The arguments of the calls of a task, encoded.
 *
 * @throws {SerializationError} one of them cannot be sent; names the path to it, as in `args[0].layers[2]`
 */
export function encodeCalls(
  calls: readonly (readonly unknown[])[],
): Uint8Array {
  try {
    return Uint8Array.from(encodeValue(calls));
  } catch (error) {
    if (!(error instanceof SerializationError)) throw error;
    throw new SerializationError(
      error.message.replace(/^value\[\d+\]/, "args"),
    );
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | null | undefined)?.then ===
  "function";
