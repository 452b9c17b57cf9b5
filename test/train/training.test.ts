import { join } from "node:path";
import { launch } from "../support/launch";

interface Random {
  readonly masks: readonly string[];
  readonly orders: readonly string[];
}

describe.each(["auto", "ipc"])("a training script over %s", (transport) => {
  let ranks: Record<string, unknown>[];
  beforeAll(async () => {
    const { exitCode, lines, stderr } = await launch({
      args: [
        ...["-n", "3", "--transport", transport],
        join(__dirname, "programs/training.mts"),
      ],
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    ranks = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(ranks).toHaveLength(3);
  });

  /** What every rank reports alike. */
  const all = <T>(name: string): T => {
    for (const rank of ranks) expect(rank[name]).toEqual(ranks[0]![name]);
    return ranks[0]![name] as T;
  };
  const numbers = (values: readonly number[], expected: readonly number[]) => {
    expect(values).toHaveLength(expected.length);
    expected.forEach((value, i) => expect(values[i]).toBeCloseTo(value, 5));
  };

  test("clips by the norm of the averaged gradient", () =>
    numbers(
      all("clipped"),
      [-1, -3].map((x) => x / Math.sqrt(10)),
    ));

  test("adds up gradients without sync: (14 + 15 + 16) / 18 rows", () => {
    expect(all("unsynced")).toBe(0);
    numbers([all("synced")], [2.5]);
  });

  test("freezes and unfreezes layers, and trains two models in turns", () => {
    // What can be trained comes first.
    expect(all("frozen")).toEqual([
      ["changed", "same"],
      ["changed", "same"],
      ["changed", "changed"],
      ["changed", "changed"],
    ]);
    expect(new Set(all<string[]>("twoModels")).size).toBe(2);
  });

  test("trains two outputs behind a custom layer, from a dataset of names, with validation", () => {
    const { history } = all<{ history: Record<string, number[]> }>(
      "twoOutputs",
    );
    expect(Object.keys(history)).toHaveLength(10);
    for (const losses of [history.loss!, history.val_loss!])
      expect(losses[1]!).toBeLessThan(losses[0]!);
  });

  describe("draws from (seed, epoch, rank)", () => {
    const randomOf = (rank: number) =>
      ranks[rank]!.random as Record<
        "first" | "again" | "otherSeed" | "seededLayer",
        Random
      >;
    const distinct = (texts: readonly string[]) => new Set(texts).size;

    test("another order of rows on each rank and in each epoch, of all its rows", () => {
      const orders = [0, 1, 2].flatMap((rank) => randomOf(rank).first.orders);
      expect(orders).toHaveLength(6);
      expect(distinct(orders)).toBe(6);
      const sorted = Array.from({ length: 64 }, (_, i) => i + 1);
      for (const order of orders)
        expect(
          order
            .split(",")
            .map(Number)
            .sort((a, b) => a - b),
        ).toEqual(sorted);
    });
    test("another dropout mask on each rank and in each step", () => {
      const masks = [0, 1, 2].flatMap((rank) => randomOf(rank).first.masks);
      expect(masks).toHaveLength(6);
      expect(distinct(masks)).toBe(6);
    });
    test("the same again for the same seed, others for another one", () => {
      for (const rank of [0, 1, 2]) {
        const { first, again, otherSeed } = randomOf(rank);
        expect(again).toEqual(first);
        expect(otherSeed.orders[0]).not.toBe(first.orders[0]);
        expect(otherSeed.masks[0]).not.toBe(first.masks[0]);
      }
    });
    test("another mask on each rank also where the layer has a seed", () => {
      const masks = [0, 1, 2].map(
        (rank) => randomOf(rank).seededLayer.masks[0]!,
      );
      expect(distinct(masks)).toBe(3);
    });
  });

  test("shows averages over all rows in logs of batches and epochs, History and trainOnBatch", () => {
    // Rank r has r + 1 rows of r; ranks 0 and 1 validate.
    const { seen, history, samples } = all<{
      seen: Record<string, number>[];
      history: Record<string, number[]>;
      samples: number;
    }>("metrics");
    expect(samples).toBe(6);
    numbers([seen[0]!.loss!, seen[0]!.mae!], [14 / 6, 8 / 6]);
    numbers([seen[1]!.loss!, seen[1]!.mae!], [14 / 6, 8 / 6]);
    numbers([seen[1]!.val_loss!, seen[1]!.val_mae!], [2 / 3, 2 / 3]);
    numbers([history.loss![0]!, history.val_loss![0]!], [14 / 6, 2 / 3]);
    numbers(all("trainOnBatch"), [14 / 6, 8 / 6]);
  });

  test("stops on all ranks together", () =>
    expect(all("stops")).toEqual({
      early: { epochs: 2, samples: 2 * 3 * 6 },
      // Rank 1 stops behind its second batch; the others learn of it in their third.
      inEpoch: { epochs: 1, samples: 3 * 4 + 2 * 2 },
      atEnd: { epochs: 2, samples: 2 * 3 * 6 },
    }));

  test("averages the moving statistics of BatchNorm, weighted by rows", () =>
    numbers(all("batchNorm"), [1, 0.25]));

  test("warms up by updates, also where ranks have different numbers of batches: 1 + 1.5 + 2 + 2.5 + 3 + 3", () => {
    const { target, rates, w, sqrt } = all<Record<string, number>>("warmup");
    numbers([target!, w!, sqrt!], [3, 13, Math.sqrt(3)]);
    expect(rates).toEqual([3]);
  });

  test("may compile before distribute and again after", () =>
    numbers([all("compiledTwice")], [2]));

  test("leaves no tensor behind", () =>
    expect(all("tensors")).toEqual([0, 0, 0]));
});
