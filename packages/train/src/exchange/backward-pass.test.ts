import { tf } from "@tsmpi/engine";
import type { LayersModel, Scalar, Tensor, Variable } from "@tensorflow/tfjs";
import { variableGradients } from "./backward-pass";

beforeAll(() => void (process.env["TSMPI_ENGINE"] = "cpu"));

/** Each with inputs for it, and the shape of what it gives. */
const MODELS: Record<
  string,
  () => { model: LayersModel; input: Tensor; outputs: number }
> = {
  "dense layers": () => ({
    model: tf.sequential({
      layers: [
        tf.layers.dense({ units: 5, activation: "relu", inputShape: [7] }),
        tf.layers.dense({ units: 3, activation: "softmax" }),
      ],
    }),
    input: tf.randomNormal([4, 7], 0, 1, "float32", 1),
    outputs: 3,
  }),
  "convolution with batch normalization": () => ({
    model: tf.sequential({
      layers: [
        tf.layers.conv2d({ filters: 3, kernelSize: 3, inputShape: [6, 6, 1] }),
        tf.layers.batchNormalization(),
        tf.layers.flatten(),
        tf.layers.dense({ units: 2 }),
      ],
    }),
    input: tf.randomNormal([3, 6, 6, 1], 0, 1, "float32", 2),
    outputs: 2,
  }),
  "embedding and lstm, whose weights are used in each turn": () => ({
    model: tf.sequential({
      layers: [
        tf.layers.embedding({ inputDim: 9, outputDim: 4, inputLength: 5 }),
        tf.layers.lstm({ units: 3 }),
        tf.layers.dense({ units: 2 }),
      ],
    }),
    input: tf.tensor2d([
      [0, 1, 2, 3, 4],
      [8, 8, 1, 0, 2],
    ]),
    outputs: 2,
  }),
};

const bits = (tensor: Tensor | null): string =>
  tensor === null
    ? "none"
    : Buffer.from(tensor.dataSync().slice().buffer).toString("hex");

describe.each(Object.keys(MODELS))("gradients of %s", (name) => {
  let variables: Variable[];
  let loss: () => Scalar;
  beforeEach(() => {
    const { model, input, outputs } = MODELS[name]!();
    const target = tf.randomNormal(
      [input.shape[0] ?? 0, outputs],
      0,
      1,
      "float32",
      3,
    );
    // Layers keep their variables to themselves.
    variables = model.trainableWeights.map(
      (weight) => (weight as unknown as { val: Variable }).val,
    );
    loss = () => {
      const output = model.apply(input, { training: true }) as Tensor;
      return tf.losses.meanSquaredError(target, output);
    };
  });

  it("are those of tf.variableGrads, to the bit, and leak nothing", () => {
    const before = tf.memory().numTensors;
    const expected = tf.variableGrads(loss, variables);
    const { value, grads } = variableGradients(loss, variables, () => () => {});
    expect(bits(value)).toBe(bits(expected.value));
    expect(Object.keys(grads)).toEqual(Object.keys(expected.grads));
    for (const [key, gradient] of Object.entries(grads))
      expect(bits(gradient)).toBe(bits(expected.grads[key]!));
    tf.dispose([expected.grads, expected.value, grads, value]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("are told when they are final, those of the last layer first", () => {
    const told: string[] = [];
    const early = new Map<string, string>();
    let connected: readonly Variable[] = [];
    const { grads } = variableGradients(loss, variables, (those) => {
      connected = those;
      return (variable, gradient) => {
        told.push(variable.name);
        early.set(variable.name, bits(gradient));
      };
    });
    expect(connected).toEqual(variables);
    expect([...told].sort()).toEqual(variables.map((one) => one.name).sort());
    for (const [key, gradient] of Object.entries(grads))
      expect(early.get(key)).toBe(bits(gradient));
    const [first, last] = [told[0], told.at(-1)].map((one) =>
      variables.findIndex((variable) => variable.name === one),
    ) as [number, number];
    expect(first).toBeGreaterThanOrEqual(variables.length - 2);
    expect(last).toBeLessThan(3);
  });
});

describe("variableGradients", () => {
  const x = () => tf.variable(tf.scalar(3));
  const f = (v: Variable) => () => v.square().asScalar();

  it("gives null for variables that cannot be trained, and leaves out those that are not used", () => {
    const [used, unused] = [x(), x()];
    const frozen = tf.variable(tf.scalar(1), false);
    const { grads } = variableGradients(
      f(used),
      [used, unused, frozen],
      () => () => {},
    );
    expect(Object.keys(grads)).toEqual([used.name, frozen.name]);
    expect(grads[used.name]!.dataSync()[0]).toBe(6);
    expect(grads[frozen.name]).toBeNull();
  });

  it.each([
    [
      "no variable can be trained",
      () =>
        variableGradients(
          f(x()),
          [tf.variable(tf.scalar(1), false)],
          () => () => {},
        ),
      /is trainable/,
    ],
    [
      "the loss uses none",
      () => variableGradients(f(x()), [x()], () => () => {}),
      /depends on none/,
    ],
    [
      "the loss is no scalar",
      () => {
        const v = x();
        return variableGradients(
          () => v.reshape([1]) as unknown as Scalar,
          [v],
          () => () => {},
        );
      },
      /must be a scalar/,
    ],
    [
      "an op has a gradient of another shape",
      () => {
        const v = x();
        const op = tf.customGrad((y) => ({
          value: (y as Tensor).square(),
          gradFunc: () => tf.zeros([2]),
        }));
        return variableGradients(
          () => op(v) as Scalar,
          [v],
          () => () => {},
        );
      },
      /must be float32 of the same shape/,
    ],
  ])("refuses if %s", (_, call, message) => {
    expect(call).toThrow(message);
  });
});
