import type { RawRecords } from "../records/raw-records";

/** Rows of one array. */
export interface Side {
  readonly rows: AsyncIterable<RawRecords>;
  readonly rowBytes: number;
}

/**
 * Records whose bytes are a row of each array, one behind the other. The arrays have the same number of rows, and each is read to its
 * end, where it may find that it is damaged.
 */
export async function* sideBySide(
  sides: readonly Side[],
): AsyncIterable<RawRecords> {
  const readers = sides.map(({ rows, rowBytes }) => ({
    rows: rows[Symbol.asyncIterator](),
    rowBytes,
    held: null as RawRecords | null,
    next: 0,
  }));
  const recordBytes = sides.reduce((sum, { rowBytes }) => sum + rowBytes, 0);
  try {
    for (;;) {
      for (const reader of readers) {
        if (reader.held && reader.next < reader.held.starts.length) continue;
        const next = await reader.rows.next();
        reader.held = next.done ? null : next.value;
        reader.next = 0;
      }
      if (readers.some(({ held }) => held === null)) return;
      const count = Math.min(
        ...readers.map(({ held, next }) => held!.starts.length - next),
      );
      const { first, offset } = readers[0]!.held!;
      const records = {
        bytes: new Uint8Array(count * recordBytes),
        starts: Uint32Array.from({ length: count }, (_, i) => i * recordBytes),
        ends: Uint32Array.from(
          { length: count },
          (_, i) => (i + 1) * recordBytes,
        ),
        ...{ first: first + readers[0]!.next, offset },
      };
      let column = 0;
      for (const reader of readers) {
        const { held, next, rowBytes } = reader;
        for (let i = 0; i < count; i++) {
          const start = held!.starts[next + i]!;
          records.bytes.set(
            held!.bytes.subarray(start, start + rowBytes),
            i * recordBytes + column,
          );
        }
        column += rowBytes;
        reader.next += count;
      }
      yield records;
    }
  } finally {
    for (const { rows } of readers) await rows.return?.(undefined);
  }
}
