import { bytesOf, type TypedArray } from "@tsmpi/protocol";

/** A buffer of a call, with what is in it before and what must be in it afterwards, on this rank. */
export interface Checked {
  readonly buffer: TypedArray;
  /** Null: the call writes all of it, so that it is spoilt before. */
  readonly before: TypedArray | null;
  readonly after: TypedArray;
}

/** What no content is. */
const SPOILT = 0xa5;

export function spoil(buffer: TypedArray): void {
  bytesOf(buffer).fill(SPOILT);
}

/** Makes the buffers ready for another call. */
export function reset(buffers: readonly Checked[]): void {
  for (const { buffer, before } of buffers)
    if (before === null) spoil(buffer);
    else buffer.set(before as never);
}

/**
 * Compares to the bit.
 *
 * @param mostError by which numbers may differ
 * @returns what is wrong, in words; null: nothing
 */
export function verify(
  buffers: readonly Checked[],
  mostError = 0,
): string | null {
  for (const { buffer, after } of buffers) {
    const element =
      mostError === 0
        ? firstDifference(buffer, after)
        : after.findIndex(
            // Not a number is none that is near.
            (wanted, i) =>
              !(Math.abs(Number(buffer[i]) - Number(wanted)) <= mostError),
          );
    if (element < 0) continue;
    return `element ${element} of ${buffer.length} is ${buffer[element]}, and should be ${after[element]}`;
  }
  return null;
}

/** −1: there is none. */
function firstDifference(buffer: TypedArray, after: TypedArray): number {
  const [bytes, wanted] = [bytesOf(buffer), bytesOf(after)];
  if (Buffer.compare(bytes, wanted) === 0) return -1;
  const at = bytes.findIndex((byte, i) => byte !== wanted[i]);
  return Math.floor(at / buffer.BYTES_PER_ELEMENT);
}
