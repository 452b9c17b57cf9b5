import type { ByteSource } from "./files/byte-source";
import {
  BEGINNING,
  type RawRecords,
  type RecordPlace,
} from "./records/raw-records";

/** Finds records in a run of bytes. One is made for each reading of a file, and told of its bytes in order. */
export interface Framer {
  /**
   * Looks for the record that begins at `at`, and leaves where its bytes are in `start` and `end`.
   *
   * @param isLast no bytes follow these
   * @returns where the next one begins; −1: the record is not all here
   */
  next(bytes: Uint8Array, at: number, isLast: boolean): number;
  start: number;
  end: number;
}

/** The records of a file of which each tells where it ends. Bytes are copied only where a record spans two pieces of the file. */
export async function* frames(
  source: ByteSource,
  framer: Framer,
  { record, offset }: RecordPlace = BEGINNING,
): AsyncIterable<RawRecords> {
  let rest: Uint8Array = new Uint8Array(0);
  let [first, begins] = [record, offset];
  const cut = (bytes: Uint8Array, isLast: boolean): RawRecords | null => {
    const [starts, ends]: [number[], number[]] = [[], []];
    let at = 0;
    while (at < bytes.length) {
      const next = framer.next(bytes, at, isLast);
      if (next < 0) break;
      starts.push(framer.start);
      ends.push(framer.end);
      at = next;
    }
    rest = bytes.subarray(at);
    if (starts.length === 0) return null;
    const found = {
      bytes: bytes.subarray(0, at),
      ...{ starts: Uint32Array.from(starts), ends: Uint32Array.from(ends) },
      ...{ first, offset: begins },
    };
    first += starts.length;
    begins += at;
    return found;
  };
  for await (const piece of source.read(offset)) {
    const found = cut(
      rest.length === 0 ? piece : Buffer.concat([rest, piece]),
      false,
    );
    if (found !== null) yield found;
  }
  const found = cut(rest, true);
  if (found !== null) yield found;
}
