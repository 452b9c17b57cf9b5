import { bytesOf, type TypedArray } from "@tsmpi/protocol";

/**
 * What `target.set(source)` does, for arrays of one dtype and length. Into shared memory that goes word by word; a Buffer is filled
 * with memcpy, from a cache at almost twice the speed.
 */
export function copyElements(target: TypedArray, source: TypedArray): void {
  if (source.byteLength === 0) return;
  const { buffer, byteOffset, byteLength } = target;
  Buffer.from(buffer, byteOffset, byteLength).fill(bytesOf(source));
}
