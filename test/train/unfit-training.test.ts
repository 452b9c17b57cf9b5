import { join } from "node:path";
import { launch } from "../support/launch";

interface Failed {
  readonly what: string;
  readonly rank: number;
  readonly code: string;
  readonly message: string;
}

const program = join(__dirname, "programs/unfit-training.mts");

const run = (...args: string[]) =>
  launch({ args: ["-n", "3", program, ...args] });

const sameOnEveryRank: Record<string, readonly [code: string, says: string[]]> =
  {
    "no rows on a rank": [
      "ERR_ARG",
      ["rank 1 has no rows", "rank 0: 4 rows; rank 1: 0 rows", "scatter"],
    ],
    "a batch size larger than the partition": [
      "ERR_ARG",
      ["rank 2: 3 rows, batch size 4", "choose a smaller one"],
    ],
    "different epochs": [
      "ERR_ARG",
      ["rank 2: epochs 0 to 3", "pass the same epochs"],
    ],
    "not compiled": ["ERR_ARG", ["is not compiled; call compile before fit"]],
    "a model that is distributed already": [
      "ERR_ARG",
      ["is distributed already; distribute it once"],
    ],
    "an optimizer that is distributed already": [
      "ERR_ARG",
      ["this Adam optimizer is distributed already"],
    ],
    "an option that is not there": [
      "ERR_ARG",
      ['no option "batchsize"', "bucketBytes, accumulate"],
    ],
    "a wrong option": ["ERR_ARG", ["accumulate is 0, and must be at least 1"]],
    "different options": [
      "ERR_ARG",
      ["options of rank 0 and rank 1 differ", '"accumulate":2'],
    ],
    "NaN in a gradient": [
      "ERR_NON_FINITE",
      ["step 1:", "rank 1: hidden", "/kernel", "lower the learning rate"],
    ],
    "infinity on two ranks": [
      "ERR_NON_FINITE",
      ["step 2:", "(rank 1: hidden", "; rank 2: hidden"],
    ],
    "a dataset without a batch": [
      "ERR_ARG",
      [
        "rank 2 has no rows to train on",
        "fewer ranks",
        "openDataset",
        "shard(",
      ],
    ],
    "a weight of 0": ["ERR_ARG", ["rank 0: the weight of a step is 0"]],
    "join before a step": ["ERR_ARG", ["rank 0 calls join before"]],
  };

describe("a training that cannot go on", () => {
  let lines: readonly string[];
  let stderr: string;
  beforeAll(async () => {
    const done = await run();
    ({ lines, stderr } = done);
    expect(done.exitCode).toBe(0);
  });
  const reports = (what: string) =>
    lines
      .map((line) => JSON.parse(line) as Failed)
      .filter((report) => report.what === what)
      .sort((a, b) => a.rank - b.rank);

  test.each(Object.entries(sameOnEveryRank))(
    "says so on every rank: %s",
    (what, [code, says]) => {
      const [first, ...others] = reports(what);
      expect(first).toMatchObject({ rank: 0, code });
      for (const text of says) expect(first!.message).toContain(text);
      expect(others.map(({ rank }) => rank)).toEqual([1, 2]);
      // Names of models and layers count up alike, so the message is the same to the letter.
      for (const other of others)
        expect(other).toMatchObject({ code, message: first!.message });
    },
  );

  test("leaves out steps that are not finite, if it is asked to, and says so once", () => {
    const skipped = reports("skipped") as unknown as {
      loss: number;
      iterations: number;
    }[];
    expect(skipped.map(({ iterations }) => iterations)).toEqual([3, 3, 3]);
    expect(new Set(skipped.map(({ loss }) => loss)).size).toBe(1);
    expect(Number.isFinite(skipped[0]!.loss)).toBe(true);
    expect(
      stderr.match(/warn \[rank 0\] update left out: step 2/g),
    ).toHaveLength(1);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  test.each([
    ["a layout that changes on one rank", "frozen or unfrozen"],
    [
      "a layout that changes while gradients accumulate",
      "while gradients were being accumulated",
    ],
  ])("says so on every rank: %s", async (what, says) => {
    const { exitCode, lines } = await run(what);
    expect(exitCode).toBe(0);
    const failed = lines.map((line) => JSON.parse(line) as Failed);
    expect(failed.map(({ code }) => code)).toEqual(Array(3).fill("ERR_LAYOUT"));
    for (const { message } of failed) expect(message).toContain(says);
  });
});
