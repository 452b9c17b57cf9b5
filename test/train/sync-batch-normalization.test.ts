import { join } from "node:path";
import { launch } from "../support/launch";
import { describeEngines } from "../support/native-engine";

interface Report {
  readonly sha256: string;
  readonly weights: readonly (readonly number[])[];
  readonly expected: readonly (readonly number[])[];
  readonly tensors: number;
  readonly bare: readonly [mean: number, square: number];
  readonly layer: { class_name: string; config: Record<string, unknown> };
  readonly plainLayer: { class_name: string; config: Record<string, unknown> };
}

const largest = (values: readonly number[]): number =>
  Math.max(...values.map(Math.abs));

describeEngines(
  ["wasm", "cpu", "tensorflow"],
  "syncBatchNormalization on engine %s",
  (_, env) => {
    let reports: Report[];
    beforeAll(async () => {
      const program = join(__dirname, "programs/sync-batch-normalization.mts");
      const { exitCode, lines, stderr } = await launch({
        args: ["-n", "3", program],
        env,
      });
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      reports = lines.map((line) => JSON.parse(line) as Report);
      expect(reports).toHaveLength(3);
    });

    test("gives weights and moving statistics of one process, within 1e-5, when ranks run out of data", () => {
      const [{ weights, expected }] = reports as [Report];
      expect(weights).toHaveLength(6);
      weights.forEach((tensor, t) => {
        const differences = tensor.map((value, k) => value - expected[t]![k]!);
        expect(largest(differences)).toBeLessThanOrEqual(
          1e-5 * largest(expected[t]!),
        );
      });
    });
    test("leaves the same bits on every rank", () =>
      expect(new Set(reports.map(({ sha256 }) => sha256)).size).toBe(1));
    test("normalizes the rows of all ranks together, also without scale and center", () => {
      const [{ bare }] = reports as [Report];
      // Neighbouring float32 numbers at 1000 are 6e-5 apart.
      expect(bare[0]).toBeCloseTo(0, 4);
      expect(bare[1]).toBeCloseTo(1, 2);
    });
    test("leaves no tensor behind", () => {
      for (const { tensors } of reports) expect(tensors).toBe(0);
    });
    test("is saved as an ordinary BatchNormalization", () => {
      const [{ layer, plainLayer }] = reports as [Report];
      expect(layer.class_name).toBe("BatchNormalization");
      expect({ ...layer.config, name: "" }).toEqual({
        ...plainLayer.config,
        name: "",
      });
    });
  },
);
