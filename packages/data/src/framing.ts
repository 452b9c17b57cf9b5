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
  /** How far behind `at` the record begins that it looked for last, if something stands before it: a header, empty lines. */
  skipped?: number;
  /** Of the record's bytes, where the file has one: see `RawRecords`. */
  checksum?: number;
  /** The record's bytes are not those of its checksum. Those behind it may be sound. */
  isDamaged?: boolean;
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
  place: RecordPlace = BEGINNING,
): AsyncIterable<RawRecords> {
  const cutter = new Cutter(source.path, framer, place);
  const isLent = source.lend !== undefined;
  const pieces = source.lend?.(place.offset) ?? source.read(place.offset);
  // A record of many pieces is put together in ever larger steps, so that it is copied a few times and not once for each piece.
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  for await (const piece of pieces) {
    const before = cutter.rest;
    waitingBytes += piece.length;
    if (
      waitingBytes < before.length &&
      before.length + waitingBytes <= MOST_RECORD_BYTES
    ) {
      waiting.push(isLent ? copyOf(piece) : piece);
      continue;
    }
    let bytes = waiting.length === 0 ? piece : joined(...waiting, piece);
    [waiting, waitingBytes] = [[], 0];
    if (before.length > 0) {
      const found = cutter.bridge(bytes);
      if (found !== null) yield found;
      cutter.check();
      if (found === null) continue;
      const used = found.bytes.length;
      bytes =
        used < before.length
          ? joined(before.subarray(used), bytes)
          : bytes.subarray(used - before.length);
    }
    const found = cutter.cut(bytes, false);
    if (isLent) cutter.rest = copyOf(cutter.rest);
    if (found !== null) yield found;
    cutter.check();
  }
  const found = cutter.cut(joined(cutter.rest, ...waiting), true);
  if (found !== null) yield found;
  cutter.check();
}

/** Cuts records from a file's bytes, as these come. */
class Cutter {
  /** Begins a record that is not all there. */
  rest = NOTHING;
  readonly #path: string;
  readonly #framer: Framer;
  /** The number of the next record, and where it is in the file. */
  #record: number;
  #offset: number;
  #failure: Error | null = null;

  constructor(path: string, framer: Framer, { record, offset }: RecordPlace) {
    this.#path = path;
    this.#framer = framer;
    this.#record = record;
    this.#offset = offset;
  }

  /** @throws what was wrong behind the records that were found */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  /** @returns null: there is no whole record */
  cut(bytes: Uint8Array, isLast: boolean, most = Infinity): RawRecords | null {
    const framer = this.#framer;
    const starts: number[] = [];
    const ends: number[] = [];
    const checksums: number[] = [];
    const damaged: number[] = [];
    let at = 0;
    try {
      while (at < bytes.length && starts.length < most) {
        const next = framer.next(bytes, at, isLast);
        if (next < 0) break;
        if (framer.isDamaged) damaged.push(starts.length);
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
      const place = {
        record: this.#record + starts.length,
        offset: this.#offset + at + (framer.skipped ?? 0),
      };
      this.#failure = recordError(this.#path, place, cause);
    }
    this.rest = bytes.subarray(at);
    if (starts.length === 0) return null;
    const found = {
      bytes: bytes.subarray(0, at),
      ...{ starts: new Uint32Array(starts), ends: new Uint32Array(ends) },
      ...{ first: this.#record, offset: this.#offset },
      ...(checksums.length > 0 && { checksums: new Uint32Array(checksums) }),
      ...(damaged.length > 0 && { damaged }),
    };
    this.#record += starts.length;
    this.#offset += at;
    return found;
  }

  /** The record that begins in `rest` and ends in `bytes`: found in ever larger parts of these, so that little more is copied. */
  bridge(bytes: Uint8Array): RawRecords | null {
    const before = this.rest;
    for (
      let taken = Math.max(LEAST_BRIDGE_BYTES, before.length);
      ;
      taken *= 2
    ) {
      const found = this.cut(
        joined(before, bytes.subarray(0, taken)),
        false,
        1,
      );
      const isWhole = taken >= bytes.length;
      if (found !== null || isWhole || this.#failure !== null) return found;
    }
  }
}

const NOTHING: Uint8Array = new Uint8Array(0);

const copyOf = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);

const joined = (...pieces: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat(pieces);
