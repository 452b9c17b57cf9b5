import type { FileRecords } from "../feed";
import type { RawRecords } from "../records/raw-records";
import { REMAINDERS, type Remainder } from "../partition/block-partition";
import { rangeBounds } from "../partition/routers";
import { checkPartition, DEALS, dealtTo, type Partition } from "./deals";
import type { RouteByKey } from "./deal";
import { newMemory, PieceWriter, readPiece } from "./piece";
import { shareOf, unseenOf } from "./share";

/** Records of 1, 2, 3 … bytes with a byte between them, which hold their own number. */
function recordsOf(
  count: number,
  first = 0,
  checksums = false,
  damaged: readonly number[] = [],
): RawRecords {
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
    ...(damaged.length > 0 && { damaged }),
  };
}

const plain = (runs: readonly FileRecords[]) =>
  runs.flatMap(({ file, records }) =>
    Array.from(records.starts, (start, i) => ({
      ...{ file, record: records.first + i },
      bytes: [...records.bytes.subarray(start, records.ends[i])],
      checksum: records.checksums?.[i],
      isDamaged: records.damaged?.includes(i) ?? false,
    })),
  );

describe("A piece", () => {
  test("holds records of several files as they are", () => {
    const runs = [
      { file: 3, records: recordsOf(7) },
      { file: 0, records: recordsOf(4, 50, true, [1, 3]) },
      { file: 2, records: recordsOf(5, 20, true) },
      { file: 1, records: recordsOf(1, 9, true, [0]) },
    ];
    const writer = new PieceWriter(newMemory(4096));
    for (const run of runs) writer.add(run);
    const read = readPiece(writer.finish());
    expect(plain(read)).toEqual(plain(runs));
    expect(read.map(({ records }) => records.offset)).toEqual([
      ...[0, 5000, 2000, 900],
    ]);
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

const RUNS = [1, 7, 0, 16, 2, 3, 40];
const ALL = RUNS.reduce((sum, count) => sum + count, 0);

/** Of each kind, for so many ranks. */
const ORDERS: {
  readonly [Name in Partition["by"]]: (
    size: number,
  ) => Extract<Partition, { readonly by: Name }>;
} = {
  block: () => ({ by: "block" }),
  cyclic: () => ({ by: "cyclic" }),
  "block-cyclic": () => ({ by: "block-cyclic", records: 4 }),
  weighted: (size) => ({
    by: "weighted",
    weights: [...Array(size).keys()].map((rank) => rank + 1),
  }),
  hash: () => ({ by: "hash", key: "id" }),
  range: (size) => ({
    ...{ by: "range", key: "id" },
    bounds: rangeBounds([...Array(ALL).keys()], size),
  }),
  stratified: () => ({ by: "stratified", key: "id" }),
};

/** The value of record i is i, modulo `values`. */
const byNumber =
  (values = Infinity): RouteByKey =>
  ({ records }, index, router) =>
    router((records.first + index) % values);

/** Numbers of the records that each rank had, behind each run. */
function* deals(order: Partition, size: number, values?: number) {
  const dealer = DEALS.get(order.by)!.dealer(order, size, byNumber(values));
  const had = Array.from({ length: size }, (): number[] => []);
  let first = 0;
  for (const count of RUNS) {
    const run = { file: 0, records: recordsOf(count, first) };
    for (const { to, ...dealt } of dealer.deal(run))
      had[to]!.push(...plain([dealt]).map(({ record }) => record));
    first += count;
    yield { had, first };
  }
}

describe.each([...DEALS.values()])("A deal by $name", (deal) => {
  test.each([1, 2, 3, 5, 8])("to %i ranks gives each record to one", (size) => {
    const order = ORDERS[deal.name](size);
    const most = deal.unevenBy(order) ?? Infinity;
    for (const { had, first } of deals(order, size)) {
      expect(had.flat().sort((a, b) => a - b)).toEqual([
        ...Array(first).keys(),
      ]);
      const counts = had.map(({ length }) => length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(
        most,
      );
    }
  });

  test.each(REMAINDERS)(
    "with remainder %s says beforehand how many records a rank has",
    (remainder) => {
      for (const size of [1, 2, 3, 5, 8]) {
        const partition = ORDERS[deal.name](size);
        for (const { had, first: records } of deals(partition, size)) {
          const counts = had.map(({ length }) => length);
          const wanted = {
            uneven: counts,
            drop: counts.map(() => Math.min(...counts)),
            pad: counts.map(() => Math.max(...counts)),
          }[remainder];
          const dealing = { partition, records, size, remainder };
          expect(counts.map((_, rank) => dealtTo(rank, dealing))).toEqual(
            deal.unevenBy(partition) === null ? counts.map(() => null) : wanted,
          );
        }
      }
    },
  );

  test.each(REMAINDERS)("takes remainder %s, or says why not", (remainder) => {
    const check = () =>
      checkPartition(ORDERS[deal.name](3), { size: 3, remainder });
    if (remainder === "uneven" || deal.unevenBy(ORDERS[deal.name](3)) !== null)
      expect(check).not.toThrow();
    else
      expect(check).toThrow(
        `a partition by ${deal.name} is unequal by nature: leave remainder "uneven", or deal records out by block, block-cyclic, cyclic`,
      );
  });
});

describe("A deal", () => {
  const last = (order: Partition, size: number, values?: number) =>
    [...deals(order, size, values)].at(-1)!.had;

  test("by cyclic and block-cyclic goes by the number of a record", () => {
    const ofRank = (records: number) =>
      [0, 1, 2].map((rank) =>
        [...Array(ALL).keys()].filter(
          (record) => Math.floor(record / records) % 3 === rank,
        ),
      );
    expect(last({ by: "cyclic" }, 3)).toEqual(ofRank(1));
    expect(last(ORDERS["block-cyclic"](3), 3)).toEqual(ofRank(4));
  });

  test("by weighted has nobody a whole record from its share behind a run", () => {
    for (const { had, first } of deals(ORDERS.weighted(3), 3))
      had.forEach(({ length }, rank) =>
        expect(Math.abs(length - (first * (rank + 1)) / 6)).toBeLessThan(1),
      );
  });

  test("by hash, range and stratified goes by values", () => {
    const values = (records: readonly number[]) =>
      new Set(records.map((record) => record % 6));
    const hashed = last(ORDERS.hash(3), 3, 6).map(values);
    expect(hashed.reduce((sum, { size }) => sum + size, 0)).toBe(6);
    const bounds = [2, 5];
    expect(last({ by: "range", key: "id", bounds }, 3, 6).map(values)).toEqual(
      [[0, 1], [2, 3, 4], [5]].map((list) => new Set(list)),
    );
    const strata = last(ORDERS.stratified(3), 3, 6);
    for (let value = 0; value < 6; value++) {
      const counts = strata.map(
        (records) => records.filter((record) => record % 6 === value).length,
      );
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThan(2);
    }
  });

  test.each<[unknown, string]>([
    [
      { by: "magic" },
      'records cannot be dealt out by "magic"; a partition is by block (',
    ],
    [{ by: "hash" }, "needs the name of a field as its key"],
    [{ by: "block-cyclic" }, "needs the records of a block"],
    [{ by: "weighted", weights: [1, 2] }, "must be a list of 3 numbers"],
    [{ by: "weighted", weights: [1, -2, 3] }, "the weight of rank 1 is -2"],
    [{ by: "range", key: "id", bounds: [1] }, "must be a list of 2, one less"],
    [{ by: "range", key: "id", bounds: [2, 1] }, "bounds must ascend"],
  ])("%j is refused for 3 ranks", (order, message) =>
    expect(() =>
      checkPartition(order as Partition, { size: 3, remainder: "uneven" }),
    ).toThrow(message),
  );
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

  test("of ranks with weights is in proportion", () => {
    const lengths = [0, 1, 2].map((rank) =>
      shareOf(splits, seen, {
        ...{ rank, size: 3, remainder: "uneven", weights: [3, 0, 1] },
      }).reduce((sum, { from, to }) => sum + to - from, 0),
    );
    expect(lengths).toEqual([13, 0, 4]);
  });
});
