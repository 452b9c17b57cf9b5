import { join } from "node:path";
import { launch } from "../support/launch";
import { describeEngines } from "../support/native-engine";

interface Trained {
  readonly model: string;
  readonly optimizer: string;
  readonly hashes: readonly string[];
  readonly histories: readonly Record<string, readonly number[]>[];
  readonly history: Record<string, readonly number[]>;
  readonly weights: readonly (readonly number[])[];
  readonly expected: readonly (readonly number[])[];
}

const largest = (values: readonly number[]): number =>
  Math.max(...values.map(Math.abs));

/** Largest difference from the weights of one process, over tensors, relative to the tensor's largest weight. */
const deviation = ({ weights, expected }: Trained): number =>
  Math.max(
    ...weights.map(
      (tensor, t) =>
        largest(tensor.map((value, k) => value - expected[t]![k]!)) /
        largest(expected[t]!),
    ),
  );

const MODELS = [
  "mlp",
  "cnn with batchNorm",
  "embedding and lstm",
  "two inputs",
];
const OPTIMIZERS = ["sgd", "momentum", "rmsprop", "adam", "adagrad"];
const CASES = MODELS.flatMap((model) =>
  OPTIMIZERS.map((optimizer) => [model, optimizer] as const),
);

describe.each([1, 2, 3, 4])("an unchanged fit on %i ranks", (ranks) => {
  // One and three ranks show on the other engine what they show here.
  const engines = ranks % 2 === 1 ? ["wasm", "tensorflow"] : ["wasm"];
  describeEngines(engines, "with engine %s", (_, env) =>
    equivalence(ranks, "auto", env),
  );
});

describe("an unchanged fit on 3 ranks over the network", () =>
  equivalence(3, "ipc", { TSMPI_ENGINE: "wasm" }));

function equivalence(
  ranks: number,
  transport: string,
  env: Readonly<Record<string, string>>,
) {
  let trained: Trained[];
  beforeAll(async () => {
    const { exitCode, stdout, stderr } = await launch({
      args: [
        ...["-n", `${ranks}`, "--transport", transport],
        join(__dirname, "programs/equivalence.mts"),
      ],
      env,
      timeoutMs: 90_000,
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    trained = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Trained);
  }, 100_000);

  const find = (model: string, optimizer: string): Trained =>
    trained.find((one) => one.model === model && one.optimizer === optimizer)!;

  test.each(CASES)(
    "of %s with %s leaves the same bits on every rank",
    (...of) => {
      const { hashes } = find(...of);
      expect(hashes).toHaveLength(ranks);
      expect(new Set(hashes).size).toBe(1);
    },
  );

  test.each(CASES)(
    "of %s with %s gives the weights of one process on the same rows, within 1e-5 of the largest",
    (...of) => {
      expect(deviation(find(...of))).toBeLessThanOrEqual(1e-5);
    },
  );

  test.each(CASES)(
    "of %s with %s gives the History of one process on every rank, within 1e-5",
    (...of) => {
      const { histories, history } = find(...of);
      expect(histories).toHaveLength(ranks);
      for (const own of histories) {
        expect(Object.keys(own).sort()).toEqual(Object.keys(history).sort());
        for (const [name, values] of Object.entries(history))
          values.forEach((value, epoch) =>
            expect(Math.abs(own[name]![epoch]! - value)).toBeLessThanOrEqual(
              1e-5 * Math.max(1, Math.abs(value)),
            ),
          );
      }
    },
  );
}
