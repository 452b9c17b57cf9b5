import { join } from "node:path";
import { launch } from "../support/launch";

interface Trained {
  readonly name: string;
  readonly hashes: readonly string[];
  readonly tensors: readonly number[];
  readonly weights: readonly (readonly number[])[];
}

const program = join(__dirname, "programs/big-batch.mts");

/** What the program prints, an optimizer a line. */
async function train(ranks: number, parts: number): Promise<Trained[]> {
  const { exitCode, stdout, stderr } = await launch({
    args: ["-n", String(ranks), program, String(parts)],
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Trained);
}

const largest = (values: readonly number[]): number =>
  Math.max(...values.map(Math.abs));

describe.each([2, 3, 4])("an unchanged fit on %i ranks", (ranks) => {
  let split: Trained[];
  let whole: Trained[];
  beforeAll(async () => {
    split = await train(ranks, ranks);
    whole = await train(1, ranks);
  });

  test("trains with sgd, momentum and adam", () => {
    expect(split.map(({ name }) => name)).toEqual(["sgd", "momentum", "adam"]);
  });

  test("leaves the same bits on every rank", () => {
    for (const { hashes } of split) {
      expect(hashes).toHaveLength(ranks);
      expect(new Set(hashes).size).toBe(1);
    }
  });

  test("gives the weights of one process on the big batch, within 1e-5 of the largest", () => {
    split.forEach(({ weights }, i) =>
      weights.forEach((tensor, t) => {
        const expected = whole[i]!.weights[t]!;
        const differences = tensor.map((value, k) => value - expected[k]!);
        expect(largest(differences)).toBeLessThanOrEqual(
          1e-5 * largest(expected),
        );
      }),
    );
  });

  test("keeps no tensor from one epoch to the next", () => {
    for (const { tensors } of split) {
      expect(tensors).toHaveLength(3);
      expect(tensors[2]).toBe(tensors[1]);
    }
  });
});
