import { DataError } from "@tsmpi/protocol";
import type { ByteSink } from "../files/byte-sink";
import type { RecordWriter } from "../format";
import type { Framer } from "../framing";
import { crc32c, crc32cOfLength, crc32cWithin } from "./crc32c";

/** In front of a record: its length (8 bytes) and the length's checksum (4); behind it: its checksum. All little endian. */
export const HEADER_BYTES = 12;
export const FOOTER_BYTES = 4;

const word = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! |
    (bytes[at + 1]! << 8) |
    (bytes[at + 2]! << 16) |
    (bytes[at + 3]! << 24)) >>>
  0;

/** The length that a header holds. @throws {DataError} its checksum is another, or the bytes end within it */
export function lengthAt(bytes: Uint8Array, at: number): number {
  if (bytes.length - at < HEADER_BYTES)
    throw truncated(null, bytes.length - at);
  const [low, high] = [word(bytes, at), word(bytes, at + 4)];
  if (crc32cOfLength(low, high) !== word(bytes, at + 8))
    throw new DataError(
      "the checksum of its length is wrong; the file is damaged, or no TFRecord file",
    );
  return high * 2 ** 32 + low;
}

/** @param left bytes of the file from the record's beginning on */
export const truncated = (length: number | null, left: number): DataError =>
  new DataError(
    length === null
      ? `the file ends after ${left} of the ${HEADER_BYTES} bytes of its header; it was cut off`
      : `the file ends after ${left} of its ${HEADER_BYTES + length + FOOTER_BYTES} bytes; it was cut off`,
  );

/** Checks both checksums of every record. Behind one whose bytes are damaged the next is found by its length, which is sound. */
export class TfrecordFramer implements Framer {
  start = 0;
  end = 0;
  checksum = 0;
  isDamaged = false;

  next(bytes: Uint8Array, at: number, isLast: boolean): number {
    const left = bytes.length - at;
    if (left < HEADER_BYTES && !isLast) return -1;
    const length = lengthAt(bytes, at);
    if (left < HEADER_BYTES + length + FOOTER_BYTES) {
      if (isLast) throw truncated(length, left);
      return -1;
    }
    const start = at + HEADER_BYTES;
    const end = start + length;
    const checksum = word(bytes, end);
    this.start = start;
    this.end = end;
    this.checksum = checksum;
    this.isDamaged = crc32cWithin(bytes, start, end) !== checksum;
    return end + FOOTER_BYTES;
  }
}

export const tfrecordWriter = (sink: ByteSink): RecordWriter => ({
  async write(bytes) {
    const { length } = bytes;
    const framed = Buffer.allocUnsafe(HEADER_BYTES + length + FOOTER_BYTES);
    const [low, high] = [length >>> 0, Math.floor(length / 2 ** 32)];
    framed.writeUInt32LE(low, 0);
    framed.writeUInt32LE(high, 4);
    framed.writeUInt32LE(crc32cOfLength(low, high), 8);
    framed.set(bytes, HEADER_BYTES);
    framed.writeUInt32LE(crc32c(bytes), HEADER_BYTES + length);
    await sink.write(framed);
  },
  end: () => Promise.resolve(),
});
