import type { Received } from "@tsmpi/collective";
import {
  BufferTypeError,
  bytesOf,
  bytesPerElement,
  CountError,
  dtypeOf,
  TruncateError,
  type TypedArray,
} from "@tsmpi/protocol";
import { assertAlike, readBuffer } from "./arguments";
import { IN_PLACE, type InPlace } from "./constants";

/** The root's side of `Scatterv`: buffer, elements for each rank, and where each part starts. */
export type ScattervSend = readonly [
  sendbuf: TypedArray,
  counts: readonly number[],
  displacements?: readonly number[],
];

/** The parts of the root's buffer, one a rank. Views, not copies. */
export function partsOf(
  [sendbuf, counts, displacements]: ScattervSend,
  size: number,
): TypedArray[] {
  const source = readBuffer(sendbuf, "sendbuf");
  if (counts.length !== size)
    throw new CountError(`expecting ${size} counts, got ${counts.length}`);
  let next = 0;
  return counts.map((count, rank) => {
    const start = displacements?.[rank] ?? next;
    next = start + count;
    if (count < 0 || start < 0 || next > source.length)
      throw new CountError(
        `the part of rank ${rank}, ${count} elements from ${start}, is not within sendbuf (${source.length} elements)`,
      );
    return source.subarray(start, next);
  });
}

/** Elements of each of `size` equal parts. */
export function evenPart(
  buffer: TypedArray,
  name: string,
  size: number,
): number {
  if (buffer.length % size !== 0)
    throw new CountError(
      `${name} has ${buffer.length} elements, which is not a multiple of the ${size} ranks`,
    );
  return buffer.length / size;
}

/** The input of a reduction into `target`. */
export function sourceOf(
  sendbuf: TypedArray | InPlace,
  target: TypedArray,
): TypedArray {
  if (sendbuf === IN_PLACE) return target;
  const source = readBuffer(sendbuf, "sendbuf");
  assertAlike(source, target);
  return source;
}

/** The bytes alone: a view would take its whole buffer along to the other thread. */
export const exactBytes = (array: TypedArray): Uint8Array =>
  bytesOf(array).slice();

/** @throws {CountError} the lengths differ */
export function copyExactly(bytes: Uint8Array, target: TypedArray): void {
  if (bytes.byteLength !== target.byteLength)
    throw new CountError(
      `mismatch in send count ${bytes.byteLength / target.BYTES_PER_ELEMENT} and receive count ${target.length}`,
    );
  bytesOf(target).set(bytes);
}

/**
 * A message into a buffer that may be longer.
 *
 * @throws {BufferTypeError | TruncateError}
 */
export function fillFrom(
  { dtype, bytes, source }: Received,
  target: TypedArray,
): void {
  if (dtype !== dtypeOf(target))
    throw new BufferTypeError(
      `rank ${source} sent ${dtype ? `a ${dtype} buffer` : "a value with send"}; the receive buffer is ${dtypeOf(target)}`,
    );
  if (bytes.byteLength > target.byteLength)
    throw new TruncateError(
      `rank ${source} sent ${bytes.byteLength / bytesPerElement(dtype!)} elements; the receive buffer holds ${target.length}`,
    );
  bytesOf(target).set(bytes);
}
