import {
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { joinAccounts } from "../accounting/join-accounts";
import { openCatalogue } from "../catalogue/catalogue";
import { openLocalDataset } from "../open-local-dataset";
import { quickIndexes } from "../catalogue/index-file";
import { localFeed } from "../local-feed";
import { writeRecords } from "../write-records";
import { Dataset } from "./dataset";
import { Source, type SourceOptions } from "./source";

const FILES = [700, 1, 299];
const RECORDS = 1000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tsmpi-dataset-"));
  let id = 0;
  FILES.forEach((records, file) =>
    writeFileSync(
      join(folder, `${file}.jsonl`),
      Array.from(
        { length: records },
        () =>
          `${JSON.stringify({ id: id, name: `n${id}`, pixels: [id, -id++], isOdd: id % 2 === 0 })}\n`,
      ).join(""),
    ),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Row {
  readonly id: number;
  readonly name: string;
  readonly pixels: readonly number[];
  readonly isOdd: boolean;
}

const open = async (options: SourceOptions = { shuffle: false }) =>
  (await openLocalDataset(folder, options)) as unknown as Dataset<Row>;

async function all<T>(dataset: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of dataset) items.push(item);
  return items;
}

const inOrder = (numbers: readonly number[]) =>
  [...numbers].sort((a, b) => a - b);
const EVERY = Array.from({ length: RECORDS }, (_, i) => i);
const idOf = ({ id }: Row): number => id;

describe("a dataset", () => {
  test("has each record once an epoch, in the order of the files if it is not shuffled", async () => {
    const ids = (await open()).map(idOf);
    expect(await all(ids)).toEqual(EVERY);
    expect(await all(ids)).toEqual(EVERY);
  });

  test("comes in another order each epoch, the same for the same seed", async () => {
    const ids = async (seed: number) =>
      (await open({ seed })).map(idOf).shuffle(100);
    const [a, b] = [await ids(1), await ids(1)];
    const [first, second] = [await all(a), await all(a)];
    expect(first).not.toEqual(second);
    expect([await all(b), await all(b)]).toEqual([first, second]);
    expect(await all(await ids(2))).not.toEqual(first);
    for (const epoch of [first, second]) expect(inOrder(epoch)).toEqual(EVERY);
  });

  test("maps, also to promises, in order", async () => {
    const later = (await open()).map(async ({ id }) => {
      if (id % 3 === 0) await Promise.resolve();
      return id;
    });
    expect(await all(later)).toEqual(EVERY);
  });

  test("selects fields, under other names, before a batch and behind it", async () => {
    const items = (await open()).take(2);
    const fields = { xs: { p: "pixels", id: "id" }, ys: "isOdd" } as const;
    const columns = {
      xs: {
        p: { values: Float64Array.of(0, 0, 1, -1), shape: [2, 2] },
        id: { values: Float64Array.of(0, 1), shape: [2] },
      },
      ys: { values: Uint8Array.of(0, 1), shape: [2] },
    };
    const selected = items.select(fields).batch(2);
    const [before]: { xs: { id: { values: Float64Array } } }[] =
      await all(selected);
    expect(JSON.stringify(before)).toBe(JSON.stringify(columns));
    expect(await all(items.batch(2).select(fields as never))).toEqual([before]);
    const wrong = items.select({ xs: { p: "pixel" as "pixels" } });
    await expect(all(wrong)).rejects.toThrow(
      /^select failed for \S+0\.jsonl, record 0: there is no field "pixel"; its fields are id, name, pixels, isOdd$/,
    );
  });

  test("does not say its size where files do not tell it quickly", async () => {
    expect((await open()).batch(3).size).toBeNull();
  });

  test.each<[string, (all: Dataset) => Dataset<unknown>]>([
    ["batch", (all) => all.batch(7)],
    ["batch, of full ones", (all) => all.batch(7, { dropRemainder: true })],
    ["take and skip", (all) => all.take(50).skip(11)],
    ["more than there is", (all) => all.take(5000).skip(5000)],
    [
      "repeat",
      (all) =>
        all
          .map(({ x }) => x)
          .shuffle(3)
          .batch(9)
          .repeat(3),
    ],
  ])("says its size behind %s", async (_, pipeline) => {
    const path = join(folder, "..", `${process.pid}-sized.npy`);
    await writeRecords(
      path,
      EVERY.slice(0, 101).map((x) => ({ x })),
    );
    const catalogue = await openCatalogue(path);
    const feed = localFeed(catalogue, await quickIndexes(catalogue));
    const items = pipeline(new Dataset(new Source(catalogue, feed)));
    expect(await all(items)).toHaveLength(items.size);
    expect(items.filter(() => true).size).toBeNull();
    rmSync(path);
  });

  test("survives promises that fail before those in front of them", async () => {
    const unhandled = jest.fn();
    process.on("unhandledRejection", unhandled);
    const failing = (await open()).map(async ({ id }) => {
      if (id === 5) throw new Error("no label");
      await new Promise((resolve) => setTimeout(resolve, 20));
      return id;
    });
    const message = `map failed for ${join(folder, "0.jsonl")}, record 5: no label`;
    await expect(all(failing)).rejects.toThrow(message);
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test("tells for which record a function of the program failed", async () => {
    const dataset = await open();
    const fail = (row: Row): number => {
      if (row.id === 705) throw new Error("no label");
      return row.id;
    };
    const message = `failed for ${join(folder, "2.jsonl")}, record 4: no label`;
    await expect(all(dataset.map(fail))).rejects.toThrow(`map ${message}`);
    await expect(all(dataset.filter(fail))).rejects.toThrow(
      `filter ${message}`,
    );
    await expect(all(dataset.map(async (row) => fail(row)))).rejects.toThrow(
      `map ${message}`,
    );
  });

  test("puts records of a batch into one array a field", async () => {
    const [first, ...others] = await all((await open()).batch(64));
    expect(others).toHaveLength(15);
    expect(first!.id).toEqual({
      values: Float64Array.from({ length: 64 }, (_, i) => i),
      shape: [64],
    });
    expect(first!.pixels.shape).toEqual([64, 2]);
    expect([...first!.pixels.values.slice(126)]).toEqual([63, -63]);
    expect(first!.isOdd.values).toBeInstanceOf(Uint8Array);
    expect(first!.name.slice(0, 2)).toEqual(["n0", "n1"]);
    expect(others.at(-1)!.id.shape).toEqual([RECORDS % 64]);
  });

  test("leaves out the last batch if it is asked to, and batches alone", async () => {
    const ids = (await open()).map(idOf).batch(300, { dropRemainder: true });
    const shapes = (await all(ids)).map(({ shape }) => shape);
    expect(shapes).toEqual([[300], [300], [300]]);
  });

  test("shuffles all of what fits the buffer, and mixes what does not", async () => {
    const rows = await open();
    const whole = await all(rows.map(idOf).shuffle(2 * RECORDS));
    expect(inOrder(whole)).toEqual(EVERY);
    expect(whole).not.toEqual(EVERY);
    const near = await all(rows.map(idOf).shuffle(10));
    expect(inOrder(near)).toEqual(EVERY);
    // With a buffer of 10 no item can come more than 10 places too early.
    near.forEach((id, i) => expect(id).toBeLessThanOrEqual(i + 10));
  });

  test("takes, skips, filters and repeats", async () => {
    const ids = (await open()).map(idOf);
    expect(await all(ids.take(3))).toEqual([0, 1, 2]);
    expect(await all(ids.take(0))).toEqual([]);
    expect(await all(ids.skip(998))).toEqual([998, 999]);
    expect(await all(ids.filter((id) => id % 400 === 0))).toEqual([
      0, 400, 800,
    ]);
    expect(await all(ids.take(2).repeat(3))).toEqual([0, 1, 0, 1, 0, 1]);
    const endless: number[] = [];
    for await (const id of ids.skip(999).repeat()) {
      endless.push(id);
      if (endless.length === 5) break;
    }
    expect(endless).toEqual([999, 999, 999, 999, 999]);
  });

  test("prefetches", async () => {
    const made: number[] = [];
    const ids = (await open()).map(({ id }) => (made.push(id), id)).batch(100);
    const batches = ids.prefetch(3)[Symbol.asyncIterator]();
    await batches.next();
    await new Promise(setImmediate);
    // The one that was taken, and three.
    expect(made.length).toBeGreaterThanOrEqual(400);
    expect(made.length).toBeLessThan(RECORDS);
    let count = 1;
    while (!(await batches.next()).done) count++;
    expect(count).toBe(10);
    expect(made).toEqual(EVERY);
  });

  test("raises an error behind what was made before it, through prefetch too", async () => {
    const dataset = (await open())
      .map(({ id }) => {
        if (id === 600) throw new Error("here");
        return id;
      })
      .prefetch(2000);
    const had: number[] = [];
    await expect(
      (async () => {
        for await (const id of dataset) had.push(id);
      })(),
    ).rejects.toThrow("here");
    expect(had.length).toBeGreaterThan(256);
    expect(had).toEqual(EVERY.slice(0, had.length));
  });

  test("keeps in memory what comes before cache", async () => {
    let made = 0;
    const ids = (await open()).map(({ id }) => (made++, id)).cache();
    const order = [await all(ids), await all(ids), await all(ids)];
    expect(order).toEqual([EVERY, EVERY, EVERY]);
    expect(made).toBe(RECORDS);
  });

  test.each([
    ["batch", (rows: Dataset<Row>) => rows.batch(0), /batchSize is 0/],
    ["shuffle", (rows: Dataset<Row>) => rows.shuffle(1.5), /bufferSize is 1.5/],
    ["take", (rows: Dataset<Row>) => rows.take(-1), /take: count is -1/],
    ["prefetch", (rows: Dataset<Row>) => rows.prefetch(NaN), /count is NaN/],
  ])("refuses nonsense of %s", async (_, use, message) => {
    const rows = await open();
    expect(() => use(rows)).toThrow(message);
  });

  test("keeps bigints of 64 bits, and tells of one that has more", async () => {
    const batches = (large: bigint) => async () =>
      all(
        (await open())
          .map(({ id }) => ({ x: id === 701 ? large : BigInt(-id) }))
          .batch(1000),
      );
    const [least, most] = [-(2n ** 63n), 2n ** 63n - 1n];
    for (const large of [least, most]) {
      const [batch] = await batches(large)();
      expect(batch!.x.values[701]).toBe(large);
    }
    for (const large of [least - 1n, most + 1n, 2n ** 64n - 1n])
      await expect(batches(large)).rejects.toThrow(
        `batch: "x" is ${large} in ${join(folder, "2.jsonl")}, record 0, and int64 holds -2^63 to 2^63 - 1`,
      );
  });

  test("tells which record is not like the others of its batch", async () => {
    const rows = (await open()).map(({ id, pixels }) => ({
      x: id === 701 ? [1, 2, 3] : pixels,
    }));
    await expect(all(rows.batch(1000))).rejects.toThrow(
      `batch: "x" is a list of 3 in ${join(folder, "2.jsonl")}, record 0, and a list of 2 in ${join(folder, "0.jsonl")}, record 0`,
    );
  });
});

describe("the account of a dataset", () => {
  test("says that each record came once, in any order, also after a stop", async () => {
    const catalogue = await openCatalogue(folder);
    const rows = (await open({ seed: 1 })).shuffle(100).batch(64);
    const summary = (dataset: Dataset<unknown>, seen = {}) =>
      joinAccounts(catalogue, [dataset.account()!], { counts: FILES, seen });
    await all(rows);
    const { isExact, checksum } = summary(rows);
    expect(isExact).toBe(true);
    await all(rows);
    expect(summary(rows)).toMatchObject({
      checksum,
      text: `epoch 1: each of 1,000 records in 3 files went to exactly one of 1 rank; checksum ${checksum}`,
    });
    for await (const _ of rows) break;
    const position = rows.position();
    const rest = await open({ position });
    await all(rest);
    expect(summary(rest, position.seen)).toMatchObject({
      isExact: true,
      records: RECORDS - 64,
    });
  });
});

describe("the position of a dataset", () => {
  const pipelines: readonly (readonly [
    string,
    (rows: Dataset<Row>) => Dataset<number | { readonly values: Float64Array }>,
  ])[] = [
    ["bare", (rows) => rows.map(idOf)],
    ["shuffle, batch", (rows) => rows.map(idOf).shuffle(77).batch(32)],
    [
      "everything",
      (rows) =>
        rows
          .filter(({ id }) => id % 10 !== 3)
          .map(idOf)
          .shuffle(50)
          .batch(7)
          .prefetch(4)
          .shuffle(3),
    ],
  ];
  test.each(pipelines)(
    "is where another run goes on with exactly what was not seen: %s",
    async (name, pipeline) => {
      const wanted = EVERY.filter(
        (id) => name !== "everything" || id % 10 !== 3,
      );
      for (const stopAfter of [1, 5, 9]) {
        const had: number[] = [];
        const use = (item: number | { readonly values: Float64Array }) =>
          had.push(...(typeof item === "number" ? [item] : item.values));
        let dataset = pipeline(await open({ seed: 5 }));
        await all(dataset);
        // Thrice in one epoch.
        for (let run = 0; run < 3; run++) {
          let items = 0;
          for await (const item of dataset) {
            use(item);
            if (++items === stopAfter) break;
          }
          const position = JSON.parse(
            JSON.stringify(dataset.position()),
          ) as ReturnType<typeof dataset.position>;
          expect(position).toMatchObject({ epoch: 1, seed: 5 });
          dataset = pipeline(await open({ position }));
        }
        (await all(dataset)).forEach(use);
        expect(inOrder(had)).toEqual(wanted);
        expect(dataset.position()).toEqual({ epoch: 2, seed: 5, seen: {} });
        // And the epoch after it is whole.
        had.length = 0;
        (await all(dataset)).forEach(use);
        expect(inOrder(had)).toEqual(wanted);
      }
    },
  );

  test("counts what was left out as seen: nobody is to look at it again", async () => {
    const odd = (await open()).filter(({ id }) => id % 2 === 1);
    for await (const { id } of odd.skip(1)) if (id === 5) break;
    const { seen } = odd.position();
    expect(seen[0]!.slice(0, 4)).toEqual([0, 7, 8, 9]);
  });

  test("of an epoch that was left is forgotten when the next begins", async () => {
    const ids = (await open()).map(idOf);
    for await (const id of ids) if (id === 4) break;
    expect(ids.position()).toEqual({ epoch: 0, seed: 0, seen: { 0: [0, 5] } });
    expect(await all(ids)).toEqual(EVERY);
    expect(ids.position().epoch).toBe(2);
  });
});

describe("an epoch that was left", () => {
  test("cannot go on when the next has begun", async () => {
    const dataset = (await open()).map(idOf).prefetch(4);
    const first = dataset[Symbol.asyncIterator]();
    await first.next();
    expect(await all(dataset)).toEqual(EVERY);
    await expect(first.next()).rejects.toThrow(/another pass over this/);
  });

  test.each([
    ["when the next begins", async () => {}],
    [
      "by its iterator",
      async (items: AsyncIterator<unknown>) => void (await items.return!()),
    ],
  ])("is closed %s", async (_, leave) => {
    const path = join(folder, "large.jsonl");
    writeFileSync(path, `{"text":"${"x".repeat(1000)}"}\n`.repeat(20_000));
    const isOpen = () =>
      readdirSync("/proc/self/fd").some((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`) === path;
        } catch {
          return false;
        }
      });
    const dataset = await openLocalDataset(path, { shuffle: false });
    const left = await dataset.iterator();
    await left.next();
    expect(isOpen()).toBe(true);
    await leave(left);
    const { epoch } = dataset.position();
    expect((await all(dataset)).length).toBe(20_000);
    expect(dataset.position().epoch).toBe(epoch + 2);
    for (let turns = 0; isOpen() && turns < 100; turns++) await turn();
    expect(isOpen()).toBe(false);
    rmSync(path);
  });
});
