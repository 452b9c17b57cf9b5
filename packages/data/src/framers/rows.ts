import { DataError } from "@tsmpi/protocol";
import { type ByteSource, PIECE_BYTES } from "../files/byte-source";
import type { FileIndex } from "../format";
import { type Framer, frames } from "../framing";
import {
  BEGINNING,
  type RawRecords,
  type RecordPlace,
} from "../records/raw-records";
import { recordError } from "../records/record-error";

/** Records of one length behind a header. */
export interface Rows {
  readonly headerBytes: number;
  readonly rowBytes: number;
  /** Infinity: as many as there are. */
  readonly rows: number;
}

/** Rows of no bytes are given so many at a time. */
const EMPTY_ROWS = 65_536;

/** @throws {DataError} the file has fewer bytes than that, or more */
export async function* readRows(
  source: ByteSource,
  layout: Rows,
  { record }: RecordPlace = BEGINNING,
): AsyncIterable<RawRecords> {
  const { headerBytes, rowBytes, rows } = layout;
  let next = record;
  const place = () => ({
    record: next,
    offset: headerBytes + next * rowBytes,
  });
  if (rowBytes === 0)
    for (; next < rows; next += EMPTY_ROWS) {
      const ends = new Uint32Array(Math.min(EMPTY_ROWS, rows - next));
      const bytes = new Uint8Array(0);
      yield { bytes, starts: ends, ends, first: next, offset: headerBytes };
    }
  else {
    for await (const found of frames(source, framer(layout, next), place())) {
      next = found.first + found.starts.length;
      yield found;
    }
    if (next < rows && rows !== Infinity)
      throw recordError(
        source.path,
        place(),
        new DataError(
          `the file ends in front of it, and should have ${rows} records; it was cut off`,
        ),
      );
  }
}

function framer({ rowBytes, rows }: Rows, first: number): Framer {
  let next = first;
  return {
    ...{ start: 0, end: 0 },
    next(bytes, at, isLast) {
      const left = bytes.length - at;
      if (next === rows)
        throw new DataError(
          `the file says that it has ${rows} records, and ${left} bytes or more follow them; its header is damaged, or the file is`,
        );
      if (left < rowBytes) {
        if (!isLast) return -1;
        throw new DataError(
          `the file ends after ${left} of its ${rowBytes} bytes; it was cut off`,
        );
      }
      next++;
      this.start = at;
      return (this.end = at + rowBytes);
    },
  };
}

/** Computed: the file is not read. @throws {DataError} it has another length than that */
export function indexRows(source: ByteSource, layout: Rows): FileIndex {
  const { headerBytes, rowBytes, rows } = layout;
  const bytes = headerBytes + rows * rowBytes;
  if (source.bytes !== bytes) {
    const whole = Math.floor((source.bytes - headerBytes) / (rowBytes || 1));
    const record = Math.max(0, Math.min(whole, rows));
    throw recordError(
      source.path,
      { record, offset: headerBytes + record * rowBytes },
      new DataError(
        `the file has ${source.bytes} bytes, and ${rows} records of ${rowBytes} bytes would make it ${bytes}; it was cut off or is damaged`,
      ),
    );
  }
  return { records: rows, places: placesOf(layout) };
}

/** About as far apart as the pieces in which files are read. */
export function placesOf({ headerBytes, rowBytes, rows }: Rows): RecordPlace[] {
  const step = rowBytes === 0 ? rows : Math.ceil(PIECE_BYTES / rowBytes);
  return Array.from({ length: Math.ceil(rows / step) || 0 }, (_, i) => ({
    record: i * step,
    offset: headerBytes + i * step * rowBytes,
  }));
}
