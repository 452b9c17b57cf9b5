import { copyBytes } from "@tsmpi/protocol";
import type { FileRecords } from "../feed";
import type { RawRecords } from "../records/raw-records";

/** Of most pieces: each wakes a handful of threads on its way from a file to a program. */
export const DEALT_PIECE_BYTES = 2 << 20;

/**
 * Records of any files, packed for another rank into one run of bytes:
 *
 *     records' bytes, run behind run │ 0 to 7 bytes │ starts │ ends │ checksums │ damaged │ runs │ tail
 *
 * A run is consecutive records of one file: f64 file, first, offset, bytes, records, 1 if it has checksums, how many of its records
 * are damaged. The tail: f64 number of runs, where the starts begin. Starts and ends are u32, within the bytes of their run; so are
 * which records are damaged. All in the machine's order, which is little-endian everywhere that Node runs and TensorFlow does.
 */
const RUN_NUMBERS = 7;
const TAIL_NUMBERS = 2;
const NUMBER_BYTES = 8;
const PLACE_BYTES = 4;
/** Start, end and checksum of a record. Damaged ones are so few that a piece may grow for them. */
const MOST_TABLE_BYTES = 3 * PLACE_BYTES;

/** Packs records into memory that is used again and again. */
export class PieceWriter {
  #bytes: Uint8Array;
  readonly #runs: FileRecords[] = [];
  #filled = 0;
  #tables = 0;

  /** @param bytes of its memory, from an 8-byte boundary on; more is taken for a record that does not fit */
  constructor(bytes: Uint8Array = newMemory(DEALT_PIECE_BYTES)) {
    this.#bytes = bytes;
  }

  get isEmpty(): boolean {
    return this.#runs.length === 0;
  }

  /** All of it: of more bytes than it had in the beginning if a record was so long. */
  get memory(): Uint8Array {
    return this.#bytes;
  }

  /** How many of these records fit, from the `from`-th on. */
  roomFor({ starts, ends }: RawRecords, from: number): number {
    const left =
      this.#bytes.length - this.#filled - this.#tables - this.#around();
    const begin = starts[from]!;
    const fits = (to: number): boolean =>
      ends[to - 1]! - begin + MOST_TABLE_BYTES * (to - from) <= left;
    let [low, high] = [from, ends.length];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (fits(middle)) low = middle;
      else high = middle - 1;
    }
    return low - from;
  }

  /** Takes them along; what does not fit gets more memory. */
  add(run: FileRecords): void {
    const { bytes, starts, checksums, damaged = [] } = run.records;
    const tables =
      PLACE_BYTES * ((checksums ? 3 : 2) * starts.length + damaged.length);
    const wanted =
      this.#filled + bytes.length + this.#tables + tables + this.#around();
    if (wanted > this.#bytes.length) {
      const grown = newMemory(wanted);
      copyBytes(grown, this.#bytes.subarray(0, this.#filled));
      this.#bytes = grown;
    }
    copyBytes(this.#bytes, bytes, this.#filled);
    this.#runs.push(run);
    this.#filled += bytes.length;
    this.#tables += tables;
  }

  /** @returns the piece, in this writer's memory: another writer is needed until it is not read any more */
  finish(): Uint8Array {
    const { buffer, byteOffset } = this.#bytes;
    let at = aligned(this.#filled);
    const tablesAt = at;
    for (const name of ["starts", "ends", "checksums", "damaged"] as const)
      for (const { records } of this.#runs) {
        const places = records[name];
        if (places === undefined) continue;
        new Uint32Array(buffer, byteOffset + at, places.length).set(places);
        at += PLACE_BYTES * places.length;
      }
    at = aligned(at);
    const numbers = new Float64Array(
      buffer,
      byteOffset + at,
      RUN_NUMBERS * this.#runs.length + TAIL_NUMBERS,
    );
    this.#runs.forEach(({ file, records }, i) => {
      const { first, offset, bytes, starts, checksums, damaged } = records;
      const has = [checksums ? 1 : 0, damaged?.length ?? 0];
      numbers.set(
        [file, first, offset, bytes.length, starts.length, ...has],
        RUN_NUMBERS * i,
      );
    });
    numbers.set([this.#runs.length, tablesAt], RUN_NUMBERS * this.#runs.length);
    return this.#bytes.subarray(0, at + numbers.byteLength);
  }

  /** Bytes of numbers and gaps, with one run more. */
  #around(): number {
    const numbers = RUN_NUMBERS * (this.#runs.length + 1) + TAIL_NUMBERS;
    return NUMBER_BYTES * (numbers + 2);
  }
}

/** The records of a piece, which are views of it. @param piece begins at a multiple of 8 bytes in its memory */
export function readPiece(piece: Uint8Array): FileRecords[] {
  const { buffer, byteOffset } = piece;
  const f64 = (at: number, length: number): Float64Array =>
    new Float64Array(buffer, byteOffset + at, length);
  const tailAt = piece.length - NUMBER_BYTES * TAIL_NUMBERS;
  const [runs, tablesAt] = f64(tailAt, TAIL_NUMBERS) as unknown as Numbers;
  const runsAt = tailAt - NUMBER_BYTES * RUN_NUMBERS * runs!;
  const found = Array.from({ length: runs! }, (_, i) => {
    const at = runsAt + NUMBER_BYTES * RUN_NUMBERS * i;
    const numbers = f64(at, RUN_NUMBERS) as unknown as Numbers;
    const [file, first, offset, bytes, records, hasChecksums, damaged] =
      numbers;
    const has = { hasChecksums, damaged };
    return { file, first, offset, bytes, records, ...has } as Run;
  });
  let at = tablesAt!;
  const table = (length: number): Uint32Array => {
    const places = new Uint32Array(buffer, byteOffset + at, length);
    at += places.byteLength;
    return places;
  };
  const starts = found.map(({ records }) => table(records));
  const ends = found.map(({ records }) => table(records));
  const checksums = found.map(({ records, hasChecksums }) =>
    hasChecksums ? table(records) : undefined,
  );
  const damaged = found.map((run) =>
    run.damaged > 0 ? Array.from(table(run.damaged)) : undefined,
  );
  let begin = 0;
  return found.map(({ file, first, offset, bytes }, i) => {
    const [sums, wrong] = [checksums[i], damaged[i]];
    const records: RawRecords = {
      bytes: piece.subarray(begin, (begin += bytes)),
      ...{ starts: starts[i]!, ends: ends[i]!, first, offset },
      ...(sums && { checksums: sums }),
      ...(wrong && { damaged: wrong }),
    };
    return { file, records };
  });
}

type Numbers = readonly number[];

interface Run {
  readonly file: number;
  readonly first: number;
  readonly offset: number;
  readonly bytes: number;
  readonly records: number;
  readonly hasChecksums: number;
  readonly damaged: number;
}

const aligned = (bytes: number): number =>
  Math.ceil(bytes / NUMBER_BYTES) * NUMBER_BYTES;

/** Shared: one thread fills it, another sends it. */
export const newMemory = (bytes: number): Uint8Array =>
  new Uint8Array(new SharedArrayBuffer(aligned(bytes)));
