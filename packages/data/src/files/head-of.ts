import type { ByteSource } from "./byte-source";

/** The first bytes of a file, compressed or not: `bytes` of them, fewer where it has no more. */
export async function headOf(
  source: ByteSource,
  bytes: number,
): Promise<Uint8Array> {
  if (source.isSeekable) return source.readAt(0, Math.min(bytes, source.bytes));
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of source.read()) {
    pieces.push(piece);
    length += piece.length;
    if (length >= bytes) break;
  }
  return Buffer.concat(pieces).subarray(0, bytes);
}
