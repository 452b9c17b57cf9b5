import { type ByteSource, PIECE_BYTES } from "../files/byte-source";
import type { FileIndex } from "../format";
import type { RecordPlace } from "../records/raw-records";
import { recordError } from "../records/record-error";
import { FOOTER_BYTES, HEADER_BYTES, lengthAt, truncated } from "./framing";

/** A header is looked for with what follows it, where records are short; with little of it where they are so long. */
const LONG_RECORD_BYTES = 256 * 1024;
const SHORT_LOOK_BYTES = 4096;

/** Small files have places closer together, so that ranks that share one do not read what is another's. */
const bytesApart = (fileBytes: number): number =>
  Math.min(PIECE_BYTES, Math.max(LEAST_APART_BYTES, fileBytes / 32));
const LEAST_APART_BYTES = 1 << 16;

/**
 * Goes from length to length: the checksums of lengths are checked, those of data are not.
 *
 * @throws {DataError} a length is damaged, or the file ends within a record
 */
export async function indexFile(source: ByteSource): Promise<FileIndex> {
  const places: RecordPlace[] = [];
  const apart = bytesApart(source.bytes);
  let window: Uint8Array = new Uint8Array(0);
  let [windowAt, lookBytes] = [0, PIECE_BYTES];
  let [records, offset] = [0, 0];
  while (offset < source.bytes) {
    const left = source.bytes - offset;
    if (offset + Math.min(HEADER_BYTES, left) > windowAt + window.length) {
      windowAt = offset;
      window = await source.readAt(offset, Math.min(lookBytes, left));
    }
    try {
      const length = lengthAt(window, offset - windowAt);
      const bytes = HEADER_BYTES + length + FOOTER_BYTES;
      if (left < bytes) throw truncated(length, left);
      lookBytes = length < LONG_RECORD_BYTES ? PIECE_BYTES : SHORT_LOOK_BYTES;
      if (offset >= (places.at(-1)?.offset ?? -Infinity) + apart)
        places.push({ record: records, offset });
      records++;
      offset += bytes;
    } catch (error) {
      throw recordError(source.path, { record: records, offset }, error);
    }
  }
  return { records, places };
}
