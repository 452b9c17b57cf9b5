import type { FileRecords } from "../feed";
import type { RawRecords } from "../records/raw-records";
import type { Remainder } from "../partition/block-partition";
import { EqualDeal } from "./deal";
import { newMemory, PieceWriter, readPiece } from "./piece";
import { shareOf, unseenOf } from "./share";

/** Records of 1, 2, 3 … bytes with a byte between them, which hold their own number. */
function recordsOf(count: number, first = 0, checksums = false): RawRecords {
  const lengths = Array.from({ length: count }, (_, i) => 1 + (i % 5));
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  let at = 0;
  lengths.forEach((length, i) => {
    starts[i] = at;
    ends[i] = at + length;
    at += length + 1;
  });
  const bytes = new Uint8Array(at);
  starts.forEach((start, i) => bytes.fill(first + i, start, ends[i]));
  return {
    ...{ bytes, starts, ends, first, offset: 100 * first },
    ...(checksums && { checksums: starts.map((_, i) => first + i + 7) }),
  };
}

const plain = (runs: readonly FileRecords[]) =>
  runs.flatMap(({ file, records }) =>
    Array.from(records.starts, (start, i) => ({
      ...{ file, record: records.first + i },
      bytes: [...records.bytes.subarray(start, records.ends[i])],
      checksum: records.checksums?.[i],
    })),
  );

describe("A piece", () => {
  test("holds records of several files as they are", () => {
    const runs = [
      { file: 3, records: recordsOf(7) },
      { file: 0, records: recordsOf(4, 50, true) },
      { file: 1, records: recordsOf(1, 9) },
    ];
    const writer = new PieceWriter(newMemory(4096));
    for (const run of runs) writer.add(run);
    const read = readPiece(writer.finish());
    expect(plain(read)).toEqual(plain(runs));
    expect(read.map(({ records }) => records.offset)).toEqual([0, 5000, 900]);
  });

  test.each([200, 333, 1024])(
    "of %i bytes of memory never has more than it has room for",
    (bytes) => {
      const memory = newMemory(bytes);
      const writer = new PieceWriter(memory);
      const records = recordsOf(100);
      const room = writer.roomFor(records, 0);
      expect(room).toBeGreaterThan(0);
      expect(room).toBeLessThan(100);
      const cut = {
        ...records,
        starts: records.starts.subarray(0, room),
        ends: records.ends.subarray(0, room),
        bytes: records.bytes.subarray(0, records.ends[room - 1]),
      };
      writer.add({ file: 0, records: cut });
      const piece = writer.finish();
      expect(piece.buffer).toBe(memory.buffer);
      expect(readPiece(piece)[0]!.records.starts).toHaveLength(room);
    },
  );

  test("of one record that is longer than its memory takes more", () => {
    const writer = new PieceWriter(newMemory(64));
    const bytes = new Uint8Array(1000).fill(5);
    const [starts, ends] = [Uint32Array.of(0), Uint32Array.of(1000)];
    expect(
      writer.roomFor({ bytes, starts, ends, first: 0, offset: 0 }, 0),
    ).toBe(0);
    writer.add({
      file: 0,
      records: { bytes, starts, ends, first: 0, offset: 0 },
    });
    expect(readPiece(writer.finish())[0]!.records.bytes).toEqual(bytes);
  });
});

describe("An equal deal", () => {
  test.each([1, 2, 3, 5, 8])("to %i ranks gives each record to one", (size) => {
    const deal = new EqualDeal(size);
    const had = Array.from({ length: size }, (): number[] => []);
    let first = 0;
    for (const count of [1, 7, 0, 16, 2, 3]) {
      const run = { file: 0, records: recordsOf(count, first) };
      for (const { to, ...dealt } of deal.deal(run))
        had[to]!.push(...plain([dealt]).map(({ record }) => record));
      first += count;
      const counts = had.map(({ length }) => length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      const least = Math.floor(first / size);
      expect(counts).toEqual(
        counts.map((_, rank) => least + deal.extraOf(rank)),
      );
    }
    expect(had.flat().sort((a, b) => a - b)).toEqual([...Array(first).keys()]);
  });
});

describe("A share", () => {
  const splits = [10, 0, 3, 8].map((records, file) => ({
    ...{ file, records },
    place: { record: 2, offset: 0 },
  }));
  const seen = { 0: [0, 4, 6, 7], 3: [9, 20] };
  const unseen = [7, 0, 3, 7];

  test("counts what has not been seen", () => {
    expect(splits.map((split) => unseenOf(split, seen))).toEqual(unseen);
  });

  test.each(
    [1, 2, 3, 5, 8, 20].flatMap((size) =>
      (["uneven", "drop", "pad"] as const).map(
        (remainder): [number, Remainder] => [size, remainder],
      ),
    ),
  )("of %i ranks, %s", (size, remainder) => {
    const all = 17;
    const numbers = Array.from({ length: size }, (_, rank) =>
      shareOf(splits, seen, { rank, size, remainder }).flatMap(
        ({ split, from, to }) => {
          const before = unseen
            .slice(0, split.file)
            .reduce((sum, count) => sum + count, 0);
          return Array.from({ length: to - from }, (_, i) => before + from + i);
        },
      ),
    );
    const least = Math.floor(all / size);
    const extra = all % size;
    const wanted = {
      uneven: numbers.map((_, rank) => least + (rank < extra ? 1 : 0)),
      drop: numbers.map(() => least),
      pad: numbers.map(() => Math.ceil(all / size)),
    }[remainder];
    expect(numbers.map(({ length }) => length)).toEqual(wanted);
    const had = [...new Set(numbers.flat())].sort((a, b) => a - b);
    expect(had).toEqual([
      ...Array(remainder === "drop" ? least * size : all).keys(),
    ]);
  });
});
