import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const RECORDS = 3000;
const DIST = join(__dirname, "../../dist");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tsmpi-threads-"));
  const lines = Array.from({ length: RECORDS }, (_, id) =>
    JSON.stringify({ id, x: [id, -id] }),
  );
  writeFileSync(join(folder, "0.jsonl"), lines.slice(0, 1100).join("\n"));
  writeFileSync(join(folder, "1.jsonl"), lines.slice(1100).join("\n"));
  writeFileSync(
    join(folder, "functions.js"),
    `const { threadId } = require("node:worker_threads");
     const { appendFileSync, existsSync, readFileSync, writeFileSync } = require("node:fs");
     const DIED = __filename + process.pid;
     exports.array = ({ id, x }) => ({ id, x: Float32Array.from(x), threadId });
     exports.later = async ({ id }) => { await new Promise(setImmediate); return { id, threadId }; };
     const LOG = __filename + process.pid + ".log";
     exports.logged = ({ id }) => { appendFileSync(LOG, id + " "); return id; };
     exports.log = () => readFileSync(LOG, "utf8").trim().split(" ").map(Number);
     exports.isEven = ({ id }) => id % 2 === 0;
     exports.fail = ({ id }) => { if (id === 1500) throw new TypeError("no label"); return id; };
     exports.die = ({ id }) => { if (id === 1500) process.exit(3); return id; };
     exports.dieOnce = ({ id }) => { if (id === 1500 && !existsSync(DIED)) { writeFileSync(DIED, ""); process.exit(3); } return id; };
     exports.throwLater = ({ id }) => { if (id === 1500) setImmediate(() => { throw new Error("from nowhere"); }); return new Promise((resolve) => setTimeout(resolve, id === 1500 ? 5000 : 0, id)); };`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What `body` returns in a process of its own: jest's modules are none that a thread could load. */
async function inProcess<T>(body: string): Promise<T> {
  const program = join(folder, `program-${Math.random()}.js`);
  writeFileSync(
    program,
    `const { openLocalDataset } = require(${JSON.stringify(DIST)});
     const functions = require("./functions");
     const open = (options) => openLocalDataset(${JSON.stringify(join(folder, "*.jsonl"))}, { shuffle: false, ...options });
     const all = async (dataset) => { const items = []; for await (const item of dataset) items.push(item); return items; };
     const thrown = async (dataset) => { let had = 0; try { for await (const _ of dataset) had++; } catch (error) { return { had, name: error.name, message: error.message, cause: String(error.cause?.stack) }; } };
     exports.own = function own({ id }) { return id; };
     (async () => { ${body} })().then((value) => process.stdout.write(JSON.stringify(value)));`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, [program], {
    cwd: folder,
    timeout: 30_000,
    maxBuffer: 1 << 24,
  });
  return JSON.parse(stdout) as T;
}

interface Item {
  readonly id: number;
  readonly x: Readonly<Record<number, number>>;
  readonly threadId: number;
}

const EVERY = Array.from({ length: RECORDS }, (_, i) => i);

describe("map in threads", () => {
  test.each([1, 2, 3])(
    "calls the function in %i threads, and keeps the order",
    async (threads) => {
      const [first, second] = await inProcess<[Item[], Item[]]>(
        `const items = (await open()).map(functions.array, { threads: ${threads} });
         return [await all(items), await all(items)];`,
      );
      expect(second.map(({ id }) => id)).toEqual(EVERY);
      expect(first.map(({ id }) => id)).toEqual(EVERY);
      expect(first[7]!.x).toEqual({ 0: 7, 1: -7 });
      const used = new Set(first.map(({ threadId }) => threadId));
      expect(used.size).toBe(threads);
      expect(used.has(0)).toBe(false);
    },
  );

  test("awaits promises", async () => {
    const items = await inProcess<Item[]>(
      `return all((await open()).map(functions.later, { threads: 2 }));`,
    );
    expect(items.map(({ id }) => id)).toEqual(EVERY);
  });

  test("goes on behind a pass that was left", async () => {
    const items = await inProcess<Item[]>(
      `const items = (await open()).map(functions.array, { threads: 2 });
       for (let i = 0; i < 3; i++) for await (const _ of items) break;
       return all(items);`,
    );
    expect(items.map(({ id }) => id)).toEqual(EVERY);
  });

  test("refuses functions that threads cannot find", async () => {
    const messages = await inProcess<string[]>(
      `const items = await open();
       const message = (fn) => { try { items.map(fn, { threads: 1 }); } catch (error) { return error.message; } };
       let closed = 1;
       return [message(() => closed), message(exports.own), message(null)];`,
    );
    expect(messages[0]).toMatch(
      /^map in threads: the function .* is not exported by .*; move it to the top level of its module and export it/,
    );
    expect(messages[1]).toMatch(
      /^map in threads: own is part of the program itself .*; move it to a module of its own/,
    );
    expect(messages[2]).toBe("map: fn is null, and must be a function");
  });
});

describe("prefetch in the background", () => {
  const pipeline = (background: boolean) =>
    `items.filter(functions.isEven).map(functions.array).select({ id: "id", x: "x", threadId: "threadId" }).shuffle(100).batch(64).prefetch(4, { background: ${background} })`;

  test("makes the same items, on another thread", async () => {
    const body = (background: boolean) =>
      `const items = await open({ shuffle: true, seed: 3 });
       const batches = ${pipeline(background)};
       const epochs = [await all(batches), await all(batches)];
       return { ids: epochs.map((epoch) => epoch.map(({ id }) => [...id.values])),
         x: [...epochs[0][0].x.values], threads: epochs[0][0].threadId.values[0],
         position: items.position(), account: items.account(), quality: items.quality() };`;
    interface Result {
      readonly threads: number;
    }
    const [here, there] = await Promise.all([
      inProcess<Result>(body(false)),
      inProcess<Result>(body(true)),
    ]);
    expect({ ...there, threads: 0 }).toEqual(here);
    expect(there.threads).not.toBe(here.threads);
  });

  test("knows what the program has had, and goes on with the rest", async () => {
    const [had, position, rest] = await inProcess<
      [number[], { epoch: number; seen: object }, number[]]
    >(
      `let items = await open();
       const had = [];
       for await (const { id } of ${pipeline(true)}) { had.push(...id.values); if (had.length > 500) break; }
       const position = items.position();
       items = await open({ position });
       const rest = [];
       for await (const { id } of ${pipeline(true)}) rest.push(...id.values);
       return [had, position, rest];`,
    );
    expect(position.epoch).toBe(0);
    expect([...had, ...rest].sort((a, b) => a - b)).toEqual(
      EVERY.filter((id) => id % 2 === 0),
    );
  });

  test("has batches to keep, also of those that would be lent without it", async () => {
    const lengths = await inProcess<number[]>(
      `const { writeRecords } = require(${JSON.stringify(DIST)});
       const image = new Float32Array(100);
       await writeRecords("wide.tfrecord", Array.from({ length: 700 }, () => ({ image })));
       const features = { image: { dtype: "float32", shape: [100] } };
       const dataset = await openLocalDataset("wide.tfrecord", { features });
       const batches = dataset.batch(300, { lend: true }).prefetch(2, { background: true });
       return (await all(batches)).map(({ image }) => image.values.length);`,
    );
    expect(lengths).toEqual([30_000, 30_000, 10_000]);
  });

  test("caches there", async () => {
    const [a, b, account] = await inProcess<
      [number[], number[], { epoch: number; records: number }]
    >(
      `const ids = (await open()).map(functions.isEven).cache().prefetch(2, { background: true });
       const epochs = [await all(ids), await all(ids)];
       return [...epochs, ids.account()];`,
    );
    expect(b).toEqual(a);
    expect(account).toMatchObject({ epoch: 1, records: RECORDS });
  });

  test("is not at work for what comes out of a cache behind it", async () => {
    const [a, b, account, logged, later] = await inProcess<
      [number[], number[], object, number, number[]]
    >(
      `const made = (await open()).map(functions.logged).prefetch(2, { background: true });
       const ids = made.cache();
       const slowly = async () => { const had = []; for await (const id of ids) { had.push(id); if (id === 0) await new Promise((resolve) => setTimeout(resolve, 300)); } return had; };
       const epochs = [await slowly(), await slowly(), await slowly()];
       const account = ids.account();
       const logged = functions.log().length;
       return [epochs[0], epochs[2], account, logged, await all(made)];`,
    );
    expect(a).toEqual(EVERY);
    expect(b).toEqual(a);
    expect(account).toMatchObject({ epoch: 2, records: RECORDS });
    expect(logged).toBe(RECORDS);
    expect(later).toEqual(a);
  });

  test("has items ready: they are taken without a turn of the event loop", async () => {
    const taken = await inProcess<number>(
      `const batches = (await open()).batch(64).prefetch(8, { background: true });
       const items = batches[Symbol.asyncIterator]();
       await items.next();
       await new Promise((resolve) => setTimeout(resolve, 3000));
       let hasTurned = false, taken = 0;
       setImmediate(() => (hasTurned = true));
       for (; taken < 8 && !hasTurned; taken++) await items.next();
       return taken;`,
    );
    expect(taken).toBe(8);
  });

  /** `take` drains an iterator as `fitDataset` asks for it; `settled` waits until the thread has nothing to do. */
  const FOLLOWED = `
    const items = (await open({ seed: 5 })).shuffle(100).map(functions.logged).prefetch(8, { background: true });
    const begin = (isFollowed) => items.iterator({ isFollowed: () => isFollowed });
    const take = async (iterator) => { const had = []; for (let next; !(next = await iterator.next()).done;) had.push(next.value); return had; };
    const settled = async () => { for (let before = -1, now; (now = functions.log().length) !== before; before = now) await new Promise((resolve) => setTimeout(resolve, 400)); return functions.log(); };`;

  test("is at work on an epoch that follows, as far as there is room, and on no other", async () => {
    const [first, afterFirst, second, afterSecond, expected] = await inProcess<
      [number[], number[], number[], number[], number[]]
    >(
      `${FOLLOWED}
       const first = await take(await begin(true));
       const afterFirst = await settled();
       const second = await take(await begin(false));
       const afterSecond = await settled();
       const others = (await open({ seed: 5 })).shuffle(100).map(({ id }) => id);
       await all(others);
       return [first, afterFirst, second, afterSecond, await all(others)];`,
    );
    expect(afterFirst.slice(0, RECORDS)).toEqual(first);
    // Eight are ready, one waits for room, and those of a block of records are made together.
    const ahead = afterFirst.slice(RECORDS);
    expect(ahead.length).toBeGreaterThanOrEqual(8);
    expect(ahead.length).toBeLessThan(RECORDS);
    expect(second.slice(0, ahead.length)).toEqual(ahead);
    expect(second).toEqual(expected);
    expect(afterSecond).toEqual([...first, ...second]);
  });

  test("leaves the epoch that would have followed to whoever takes it later, whole", async () => {
    const [epochs, rest, further] = await inProcess<
      [number[], number[], number[]]
    >(
      `${FOLLOWED}
       const epochs = [items.position().epoch];
       const iterator = await begin(true);
       await take(iterator);
       await settled();
       epochs.push(items.position().epoch);
       await iterator.return();
       const rest = await all(items.filter((id) => id >= 10));
       epochs.push(items.position().epoch);
       return [epochs, rest, await take(await begin(false))];`,
    );
    expect(epochs).toEqual([0, 1, 2]);
    expect([...rest].sort((a, b) => a - b)).toEqual(EVERY.slice(10));
    expect([...further].sort((a, b) => a - b)).toEqual(EVERY);
  });

  test("counts and leaves out bad records there", async () => {
    const [message, quality, had] = await inProcess<
      [string, { defects: object; records: number }, number]
    >(
      `const labels = { field: "id", classes: 2900 };
       const bad = (await open({ quality: { labels } })).prefetch(2, { background: true });
       const { message } = await thrown(bad);
       const good = (await open({ quality: { labels, onBadRecord: "skip" } })).prefetch(2, { background: true });
       const had = (await all(good)).length;
       return [message, good.quality(), had];`,
    );
    expect(message).toMatch(/1\.jsonl, record 1800: the record has a label/);
    expect(quality).toMatchObject({
      records: RECORDS,
      defects: { labelOutOfRange: 100 },
    });
    expect(had).toBe(2900);
  });
});

describe.each([
  ["map in threads", (fn: string) => `.map(${fn}, { threads: 2 })`],
  [
    "prefetch in the background",
    (fn: string) => `.map(${fn}).prefetch(2, { background: true })`,
  ],
])("a thread of %s", (_, use) => {
  test.each([
    ["fail", /^map failed for .*1\.jsonl, record 400: no label$/],
    ["die", /its thread ended with exit code 3 before its work was done$/],
    ["throwLater", /its thread failed: from nowhere$/],
  ])("that has to %s is an error, not a hang", async (fn, message) => {
    const error = await inProcess<{ message: string; name: string }>(
      `return thrown((await open())${use(`functions.${fn}`)});`,
    );
    expect(error).toMatchObject({ name: "DataError" });
    expect(error.message).toMatch(message);
  });

  test("has the line of the function that threw in the stack of its error's cause", async () => {
    const { cause } = await inProcess<{ cause: string }>(
      `return thrown((await open())${use("functions.fail")});`,
    );
    expect(cause).toMatch(/^TypeError: no label\n +at .*functions\.js:\d+:\d+/);
  });

  test("that has died has a successor in the next epoch", async () => {
    const [error, ids] = await inProcess<[{ message: string }, number[]]>(
      `const items = (await open())${use("functions.dieOnce")};
       return [await thrown(items), await all(items)];`,
    );
    expect(error.message).toMatch(/its thread ended with exit code 3/);
    expect(ids).toEqual(EVERY);
  });

  test("ends with the dataset, begins again with the next pass, and keeps no process alive", async () => {
    const epochs = await inProcess<Item[][]>(
      `const items = (await open())${use("functions.array")};
       const first = await all(items);
       await items.close();
       return [first, await all(items)];`,
    );
    expect(epochs.map((items) => items.length)).toEqual([RECORDS, RECORDS]);
  });
});
