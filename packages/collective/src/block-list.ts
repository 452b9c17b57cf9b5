import { assert } from "@tsmpi/protocol";

/** A length in a message: a float64, since blocks may be longer than 2^32 bytes. */
export const LENGTH_BYTES = 8;

/** Bytes of a message of `count` blocks that are `bytes` long together. */
export const packedBytes = (count: number, bytes: number): number =>
  Math.max(0, count - 1) * LENGTH_BYTES + bytes;

/** Blocks in one message: the lengths of all but the last, then one block behind the other. One block alone is the message. */
export function packBlocks(blocks: readonly Uint8Array[]): Uint8Array {
  if (blocks.length === 1) return blocks[0]!;
  const bytes = blocks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const message = new Uint8Array(packedBytes(blocks.length, bytes));
  blocks
    .slice(0, -1)
    .forEach(({ byteLength }, i) =>
      writeLength(message, i * LENGTH_BYTES, byteLength),
    );
  let at = message.byteLength - bytes;
  for (const block of blocks) {
    message.set(block, at);
    at += block.byteLength;
  }
  return message;
}

/** The blocks of a message, as views of it. */
export function unpackBlocks(message: Uint8Array, count: number): Uint8Array[] {
  let at = packedBytes(count, 0);
  return Array.from({ length: count }, (_, i) => {
    const end =
      i === count - 1
        ? message.byteLength
        : at + readLength(message, i * LENGTH_BYTES);
    assert(
      at <= end && end <= message.byteLength,
      `a message of ${message.byteLength} bytes does not hold ${count} blocks`,
    );
    const block = message.subarray(at, end);
    at = end;
    return block;
  });
}

export function writeLength(
  bytes: Uint8Array,
  offset: number,
  length: number,
): void {
  new DataView(bytes.buffer, bytes.byteOffset).setFloat64(offset, length, true);
}

export const readLength = (bytes: Uint8Array, offset: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getFloat64(offset, true);
