import { bytesOf, dtypeOf, type TypedArray } from "@tsmpi/protocol";
import type { DataRecord } from "@tsmpi/data";

/** Equal to the bit: kinds of arrays, NaNs and zeros, too. The order of fields does not count. */
export function isSameRecord(a: DataRecord, b: DataRecord): boolean {
  return isSame(a, b);
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false;
  const [dtype, other] = [dtypeOf(a), dtypeOf(b)];
  if (dtype !== other || Array.isArray(a) !== Array.isArray(b)) return false;
  if (dtype !== null)
    return (
      Buffer.compare(bytesOf(a as TypedArray), bytesOf(b as TypedArray)) === 0
    );
  const [names, others] = [Object.keys(a), Object.keys(b)];
  return (
    names.length === others.length &&
    names.every(
      (name) =>
        Object.hasOwn(b, name) &&
        isSame(
          (a as Record<string, unknown>)[name],
          (b as Record<string, unknown>)[name],
        ),
    )
  );
}
