import { join } from "node:path";
import { launch } from "../support/launch";

// Up to four processes that start, on a machine that does other things too.
const PATIENCE_MS = 55_000;
jest.setTimeout(60_000);

const program = join(__dirname, "programs/pool.mts");

interface Plain {
  readonly name: string;
  readonly class: string;
  readonly message: string;
  readonly stack: string;
  readonly cause?: Plain;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly errors: readonly unknown[];
}
type Results = Readonly<Record<string, unknown>>;

describe.each([1, 2, 4])("a pool in a job of %i", (ranks) => {
  let results: Results;
  const error = (name: string): Plain => results[name] as Plain;
  beforeAll(async () => {
    const { exitCode, stdout, stderr } = await launch({
      args: ["-n", String(ranks), "-m", "futures", program, "a", "--b"],
      timeoutMs: PATIENCE_MS,
    });
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
    results = JSON.parse(stdout) as Results;
  }, 60_000);

  test("has the other ranks for workers; a single rank works itself", () => {
    expect(results.workers).toBe(Math.max(1, ranks - 1));
  });

  test("calls functions, synchronous and not, of another module and of the program itself", () => {
    expect(results).toMatchObject({
      ...{ submit: 144, async: 7, "own function": 15 },
      "arguments of the program": ["a", "--b"],
    });
  });

  test("copies arguments and results, of all types that can be sent", () => {
    expect(results).toMatchObject({
      ...{
        values: true,
        copied: [
          [1, 2, 3],
          [1, 2, 3, 4],
        ],
      },
    });
  });

  describe("map", () => {
    test("gives results in order, for one and for several iterables, until the first ends", () => {
      expect(results).toMatchObject({
        ...{ map: [1, 4, 9], "map of two": [11, 13, 15], starmap: [3, 7] },
        ...{ "map of text": [["a"], ["b"], ["c"]], "map of nothing": [] },
        ordered: [300, 40, 20, 1],
        "asynchronous input": [11, 22, 33],
      });
    });
    test("gives them as they come, if asked", () => {
      const came = results.unordered as number[];
      expect([...came].sort((a, b) => a - b)).toEqual([1, 20, 40, 300]);
      // One worker has but one order.
      if (ranks === 4) expect(came.at(-1)).toBe(300);
      else expect(came).toEqual([300, 40, 20, 1]);
    });
    test("gives the same in chunks of any size", () =>
      expect(results.chunks).toEqual(Array.from({ length: 8 }, () => true)));
    test("reads an endless input no further than the buffer's size, and what is being handed over", () =>
      expect(results["back-pressure"]).toEqual({
        ...{ "ordered 1": 6, "ordered 2": 12 },
        ...{ "unordered 1": 6, "unordered 2": 12 },
      }));
    test("that is left early closes its input", () => {
      expect(results["left early"]).toEqual([[0, 1, 4], true]);
      expect(results["never begun to read"]).toEqual({ done: true });
    });
    test("raises what its input throws, behind all that came before", () =>
      expect(results["failing input"]).toMatchObject([
        [1, 4, 9],
        { class: "Error", message: "no more" },
      ]));
    test("raises what a call throws, in its place", () =>
      expect(results["failing call"]).toMatchObject([
        2,
        { class: "TypeError", message: "this is wrong" },
      ]));
    test("raises a TimeoutError for a result that is not there in time", () =>
      expect(results.timeout).toMatchObject([
        [1],
        {
          class: "TimeoutError",
          message: "a result of map was not there 1 s after the call of map",
        },
        true,
      ]));
  });

  describe("an error of a task", () => {
    const where =
      ranks === 1 ? "rank 0" : ranks === 2 ? "rank 1" : "rank [123]";
    test("of JavaScript's own arrives as what it was, with its stack there", () => {
      const { stack, ...rest } = error("error TypeError");
      expect(rest).toMatchObject({
        ...{ name: "TypeError", class: "TypeError" },
        ...{ message: "this is wrong", properties: {} },
      });
      expect(stack).toMatch(
        new RegExp(
          `^TypeError: this is wrong\n {4}at failWith \\(.*/tasks\\.mts:\\d+:\\d+\\)\n {4}at ${where} \\(\\S+, pid \\d+\\)$`,
        ),
      );
      expect(error("error later")).toMatchObject({
        class: "SyntaxError",
        message: "later",
      });
    });
    test("of a class of the program keeps that class's name, cause and properties", () => {
      const { stack, cause, ...rest } = error("error own");
      expect(rest).toMatchObject({
        ...{ name: "OwnError", class: "RemoteTaskError", message: "of my own" },
        properties: { detail: { depth: 3 } },
      });
      expect(stack).toMatch(/^OwnError: of my own\n {4}at failWith /);
      expect(cause).toMatchObject({ class: "RangeError", message: "too far" });
      expect(cause!.stack).toContain("at failWith ");
      expect(error("error named")).toMatchObject({
        name: "NamedError",
        class: "RemoteTaskError",
      });
    });
    test("of tsmpi, of Node and of several keeps what it says", () => {
      expect(error("error tsmpi")).toMatchObject({
        class: "ArgumentError",
        properties: { code: "ERR_ARG" },
      });
      expect(error("error node")).toMatchObject({
        class: "Error",
        properties: { code: "ENOENT", syscall: "open" },
      });
      expect(error("error many")).toMatchObject({
        class: "AggregateError",
        errors: [{ class: "TypeError", message: "a" }, "b"],
      });
    });
    test("that is none is told, and kept as the cause", () =>
      expect(error("error text")).toMatchObject({
        ...{ class: "RemoteTaskError", cause: "just text" },
        message: "a task threw 'just text'",
      }));
  });

  describe("what cannot be sent", () => {
    test("is refused at once, with the path to it", () =>
      expect(error("unsendable argument")).toMatchObject({
        class: "SerializationError",
        message: expect.stringMatching(
          /^args\[1\]\.layers\[0\]\.f is a function and cannot be sent/,
        ) as string,
      }));
    test("is an error where it is a result, and costs nobody else's", () => {
      expect(error("unsendable result").message).toMatch(
        /^a task returned what cannot be sent: value\.deep\[0\] is a function/,
      );
      expect(results["result behind an unsendable one"]).toEqual({
        status: "fulfilled",
        value: 3,
      });
    });
  });

  describe("a function that workers cannot find is refused:", () => {
    const refused: [string, RegExp][] = [
      [
        "closure",
        /^the function .* is a closure: a function of .*pool\.mts made it.*export it, and hand over what it needs as arguments$/,
      ],
      ["made by another", /is a closure: a function of .*tasks\.mts made it/],
      [
        "built in",
        /^function sqrt is built in, or bound.*export a function of your own that calls it$/,
      ],
      ["bound", /^function bound triple is built in, or bound/],
      [
        "no function",
        /a task is a function that a module exports; this is string/,
      ],
    ];
    // A rank that works itself need not look for it.
    if (ranks > 1)
      refused.push(
        [
          "unexported",
          /pool\.mts exports no function unexported like the one that was handed over; export it/,
        ],
        ["in an object", /tasks\.mts exports no function typeError like/],
      );
    test.each(refused)("%s", (name, message) => {
      expect(error(name).class).toBe("ArgumentError");
      expect(error(name).message).toMatch(message);
    });
  });

  test.each([
    ["no iterable", "map needs an iterable for each argument"],
    ["chunksize", "chunksize is 0, and must be a whole number from 1"],
    ["buffersize", "buffersize is 1.5, and must be a whole number from 1"],
    ["maxWorkers", "maxWorkers is 0, and must be a whole number from 1"],
  ])("refuses wrong options: %s", (name, message) => {
    expect(error(name)).toMatchObject({ class: "ArgumentError", message });
  });

  test("gives futures that say how far they are, and can be cancelled before they have begun", () => {
    expect(results.future).toMatchObject({
      before: [["running"], [], []],
      cancelled: [false, true, true],
      error: { class: "CancelledError", message: "the task was cancelled" },
      values: [800, 2],
      after: [["done"], ["done", "cancelled"], ["done"]],
      ...{ tooLate: false, used: 801 },
      isPromise: [true, "[object RankFuture]"],
    });
  });

  test("calls its initializer before the first task on each worker", () => {
    expect(results.initializer).toEqual([[7, 7, 7, 7, 7], true]);
  });

  test("is broken by an initializer that fails, and says so; others are not", () => {
    const broken = {
      class: "BrokenPoolError",
      message: expect.stringMatching(
        /^the initializer of the pool failed on rank \d: RangeError: no start$/,
      ) as string,
      cause: { class: "RangeError" },
    };
    expect(results["failing initializer"]).toMatchObject({
      ...{ future: broken, boot: broken, again: broken },
      ...{ workers: 0, others: 81 },
    });
  });

  test("shuts down when all is done, and takes nothing more", () => {
    const over = {
      class: "FinalizedError",
      message: "the pool has been shut down; make a new one",
    };
    expect(results.shutdown).toMatchObject({
      done: [true, true, true],
      ...{ again: over, map: over, boot: over, workers: 0 },
    });
    expect(results).toMatchObject({
      "shutdown that cancels": true,
      "shutdown that does not wait": [false, 50],
      disposal: true,
    });
  });

  test("runs thousands of empty tasks a second", () => {
    const { submit, map } = results.speed as { submit: number; map: number };
    console.log(`${ranks} ranks: ${submit} tasks/s by submit, ${map} by map`);
    // A small part of what a machine does that has nothing else to do.
    expect(Math.min(submit, map)).toBeGreaterThan(300);
  });
});
