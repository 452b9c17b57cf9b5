import { join } from "node:path";
import { launch } from "../support/launch";
import { describeEngines } from "../support/native-engine";

interface Trained {
  /** Of fit and of fitDataset. */
  readonly history: readonly Record<string, readonly number[]>[];
}

describeEngines(
  ["wasm", "tensorflow"],
  "a rank that is alone, on %s",
  (_, env) => {
    let seen: {
      readonly training: readonly [Trained, Trained];
      readonly loops: readonly [object, object];
      readonly values: readonly number[];
      readonly thrown: readonly [string, number];
      readonly skipped: readonly [string, number];
      readonly early: string;
      readonly badWeight: readonly [string, number];
      readonly statistics: readonly number[];
      readonly odd: readonly number[];
      readonly disposed: string;
    };
    let stderr: string;
    beforeAll(async () => {
      const { exitCode, stdout, ...rest } = await launch({
        args: ["-n", "1", join(__dirname, "programs/alone.mts")],
        env,
      });
      stderr = rest.stderr;
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
      seen = JSON.parse(stdout) as typeof seen;
    }, 30_000);

    test("fits as plain TensorFlow.js does: weights and batches to the bit, History within 1e-6", () => {
      const [{ history: expected, ...plain }, { history, ...alone }] =
        seen.training;
      expect(alone).toEqual(plain);
      const [values, expectedValues] = [history, expected].map((histories) =>
        histories.flatMap((one) => Object.values(one).flat()),
      );
      expect(values).toHaveLength(expectedValues!.length);
      // Ours is summed in doubles.
      values!.forEach((value, i) =>
        expect(value).toBeCloseTo(expectedValues![i]!, 6),
      );
    });

    test("runs a loop of one's own as plain TensorFlow.js does, to the bit", () => {
      const [plain, alone] = seen.loops;
      expect(alone).toEqual(plain);
    });

    test("averages gradients that have waited with those of the next step", () => {
      expect(seen.values).toEqual([0, -3, -11, -13]);
    });

    test("refuses gradients that are not finite, or leaves them out", () => {
      const [message, weight] = seen.thrown;
      expect(message).toMatch(
        /^NonFiniteError: step 1: gradients hold NaN or infinity \(rank 0: /,
      );
      expect(weight).toBe(1);
      expect(seen.skipped).toEqual(["", 1]);
      expect(stderr).toMatch(/update left out: step 1: gradients hold NaN/);
    });

    test("keeps moving statistics as they were where the update is left out", () => {
      expect(seen.statistics).toEqual([0, 1]);
    });

    test("refuses to join before it has made a step", () => {
      expect(seen.early).toMatch(/^ArgumentError: /);
    });

    test("refuses a step without weight before it changes anything", () => {
      expect(seen.badWeight).toEqual([
        expect.stringMatching(
          /^ArgumentError: rank 0: the weight of a step is 0/,
        ),
        1,
      ]);
    });

    test("takes a gradient of another type and shape as it would among others", () => {
      expect(seen.odd).toEqual([0, 1, 2]);
    });

    test("refuses a gradient that is disposed", () => {
      expect(seen.disposed).toMatch(
        /^ArgumentError: the gradient of .* is disposed already/,
      );
    });
  },
);
