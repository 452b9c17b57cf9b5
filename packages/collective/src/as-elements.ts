import {
  bytesPerElement,
  dtypeOf,
  MismatchError,
  type TypedArray,
  viewAs,
} from "@tsmpi/protocol";

/**
 * A received message as elements of `like`'s dtype, `like.length` of them. No copy, unless the bytes lie askew in memory.
 *
 * @throws {MismatchError} the message has another length: the sender's buffer is not ours
 */
export function asElements(bytes: Uint8Array, like: TypedArray): TypedArray {
  const dtype = dtypeOf(like)!;
  const elementBytes = bytesPerElement(dtype);
  if (bytes.byteLength !== like.byteLength)
    throw new MismatchError(
      `a peer sent ${bytes.byteLength / elementBytes} elements where ${like.length} were expected`,
    );
  const aligned =
    bytes.byteOffset % elementBytes === 0 ? bytes : Uint8Array.from(bytes);
  return viewAs(dtype, aligned.buffer, aligned.byteOffset, like.length);
}
