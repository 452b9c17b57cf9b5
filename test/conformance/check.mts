import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { ArgumentError, MPI } from "tsmpi";

/** A case that waits for what does not come ends, and says so. */
const WAIT_MS = 10_000;

/** The same value: type for type, bit for bit (NaN is NaN, -0 is not 0), in Maps, Sets and typed arrays too. */
export function equal(actual: unknown, expected: unknown, what?: string): void {
  try {
    deepStrictEqual(actual, expected);
  } catch (error) {
    if (what === undefined) throw error;
    throw new Error(`${what}: ${(error as Error).message}`);
  }
}

export function isTrue(value: unknown, what?: string): void {
  strictEqual(value, true, what);
}

export function isFalse(value: unknown, what?: string): void {
  strictEqual(value, false, what);
}

export function isOneOf(value: unknown, allowed: readonly unknown[]): void {
  ok(
    allowed.includes(value),
    `${String(value)} is none of ${allowed.map(String).join(", ")}`,
  );
}

/** What mpi4py checks with bool(handle). */
interface Handle {
  readonly isNull: boolean;
}

export function isLive(...handles: readonly Handle[]): void {
  for (const { isNull } of handles) strictEqual(isNull, false, "is null");
}

export function isNull(...handles: readonly Handle[]): void {
  for (const { isNull } of handles) strictEqual(isNull, true, "is not null");
}

type Codes = string | readonly string[];

/** The call raises an error of MPI's with this code, or one of these. Gives the error. */
export function throws(call: () => unknown, codes: Codes): Error {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    return assertCode(error, codes);
  }
  throw new Error(`expected ${name(codes)}; it returned ${String(result)}`);
}

/** The call raises because an argument of it is wrong, whichever code says so. */
export function refuses(call: () => unknown): ArgumentError {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    if (error instanceof ArgumentError) return error;
    throw new Error(`expected an ArgumentError, got ${String(error)}`, {
      cause: error,
    });
  }
  throw new Error(`expected an ArgumentError; it returned ${String(result)}`);
}

/** Like `throws`, of what rejects. */
export async function rejects(
  promise: PromiseLike<unknown>,
  codes: Codes,
): Promise<Error> {
  let result: unknown;
  try {
    result = await promise;
  } catch (error) {
    return assertCode(error, codes);
  }
  throw new Error(`expected ${name(codes)}; it resolved to ${String(result)}`);
}

function assertCode(error: unknown, codes: Codes): Error {
  if (!(error instanceof MPI.Exception))
    throw new Error(`expected ${name(codes)}, got ${String(error)}`, {
      cause: error,
    });
  if ([codes].flat().includes(error.code)) return error;
  throw new Error(
    `expected ${name(codes)}, got ${error.code}: ${error.message}`,
    { cause: error },
  );
}

const name = (codes: Codes): string => [codes].flat().join(" or ");

/** Asks again and again until the answer is true. */
export function until(condition: () => boolean): void {
  const deadlineMs = performance.now() + WAIT_MS;
  while (!condition())
    if (performance.now() > deadlineMs)
      throw new Error(`still false after ${WAIT_MS} ms: ${String(condition)}`);
}

export { ok };
