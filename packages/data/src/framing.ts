import type { ByteSource } from "./files/byte-source";
import {
  BEGINNING,
  type RawRecords,
  type RecordPlace,
} from "./records/raw-records";
import { recordError } from "./records/record-error";

/** Finds records in a run of bytes. One is made for each reading of a file, and told of its bytes in order. */
export interface Framer {
  /**
   * Looks for the record that begins at `at`, and leaves where its bytes are in `start` and `end`. What it throws gets its place in
   * the file from `frames`.
   *
   * @param isLast no bytes follow these
   * @returns where the next one begins; −1: the record is not all here, or, with `isLast`, there is none
   * @throws {DataError} this is no record, or the file ends within it
   */
  next(bytes: Uint8Array, at: number, isLast: boolean): number;
  start: number;
  end: number;
  /** Of the record's bytes, where the file has one: see `RawRecords`. */
  checksum?: number;
}

/**
 * A record that goes on beyond this is none: a file of another format, say, in which no line ends, or one that unpacks without an end.
 * While its end is looked for, three to four times that is in memory.
 */
export const MOST_RECORD_BYTES = 1 << 28;

/** Of the next piece, looked at for the end of a record. */
const LEAST_BRIDGE_BYTES = 4096;

/**
 * The records of a file of which each tells where it ends. Bytes are copied only where a record spans two pieces of the file. What
 * comes before a broken record is yielded before it is thrown.
 */
export async function* frames(
  source: ByteSource,
  framer: Framer,
  { record, offset }: RecordPlace = BEGINNING,
): AsyncIterable<RawRecords> {
  const isLent = source.giveBack !== undefined;
  let rest = NOTHING;
  let [first, begins] = [record, offset];
  let failure: Error | null = null;
  const cut = (
    bytes: Uint8Array,
    isLast: boolean,
    most = Infinity,
  ): RawRecords | null => {
    const starts: number[] = [];
    const ends: number[] = [];
    const checksums: number[] = [];
    let at = 0;
    try {
      while (at < bytes.length && starts.length < most) {
        const next = framer.next(bytes, at, isLast);
        if (next < 0) break;
        starts.push(framer.start);
        ends.push(framer.end);
        if (framer.checksum !== undefined) checksums.push(framer.checksum);
        at = next;
      }
      if (bytes.length - at > MOST_RECORD_BYTES)
        throw new Error(
          `it does not end within ${MOST_RECORD_BYTES} bytes, the most that a record may have; if this is a file of that format, make several records of it`,
        );
    } catch (cause) {
      const place = { record: first + starts.length, offset: begins + at };
      failure = recordError(source.path, place, cause);
    }
    rest = bytes.subarray(at);
    if (starts.length === 0) return null;
    const found = {
      bytes: bytes.subarray(0, at),
      ...{ starts: new Uint32Array(starts), ends: new Uint32Array(ends) },
      ...{ first, offset: begins },
      ...(checksums.length > 0 && { checksums: new Uint32Array(checksums) }),
    };
    first += starts.length;
    begins += at;
    return found;
  };
  /** The record that begins in `rest` and ends in `bytes`: found in ever larger parts of these, so that little more is copied. */
  const bridge = (bytes: Uint8Array): RawRecords | null => {
    const before = rest;
    for (
      let taken = Math.max(LEAST_BRIDGE_BYTES, before.length);
      ;
      taken *= 2
    ) {
      const found = cut(joined(before, [bytes.subarray(0, taken)]), false, 1);
      const isWhole = taken >= bytes.length;
      if (found !== null || isWhole || failure !== null) return found;
    }
  };
  // A record of many pieces is put together in ever larger steps, so that it is copied a few times and not once for each piece.
  let pieces: Uint8Array[] = [];
  let waiting = 0;
  for await (const piece of source.read(offset)) {
    pieces.push(piece);
    waiting += piece.length;
    if (waiting < rest.length && rest.length + waiting <= MOST_RECORD_BYTES)
      continue;
    const taken = pieces;
    let bytes = joined(NOTHING, pieces);
    [pieces, waiting] = [[], 0];
    if (rest.length > 0) {
      const [before, begun] = [rest, begins];
      const found = bridge(bytes);
      if (found !== null) yield found;
      if (failure !== null) throw failure as Error;
      if (found === null) continue;
      const used = begins - begun;
      bytes =
        used < before.length
          ? joined(before.subarray(used), [bytes])
          : bytes.subarray(used - before.length);
      rest = NOTHING;
    }
    const found = cut(bytes, false);
    if (isLent) rest = new Uint8Array(rest);
    if (found !== null) yield found;
    if (failure !== null) throw failure as Error;
    for (const one of taken) source.giveBack?.(one);
  }
  const found = cut(joined(rest, pieces), true);
  if (found !== null) yield found;
  if (failure !== null) throw failure as Error;
}

const NOTHING: Uint8Array = new Uint8Array(0);

const joined = (rest: Uint8Array, pieces: readonly Uint8Array[]): Uint8Array =>
  rest.length === 0 && pieces.length === 1
    ? pieces[0]!
    : Buffer.concat([rest, ...pieces]);
