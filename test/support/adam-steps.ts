import tf from "@tensorflow/tfjs";
import { adamStepOf, applyValuesByAdam } from "../../packages/engine/src/adam";

const SIZES = [1, 2, 3, 4, 5, 8, 257];
const gradientOf = (size: number, step: number) =>
  tf.randomNormal([size], 0, 1, "float32", size * 100 + step);

const valuesOf = (tensor: tf.Tensor): Float32Array =>
  tensor.dataSync<"float32">().slice();

/** The weights, and what the optimizer saves, after a few steps whose gradients are drawn from seeds. */
async function train(
  backend: string,
  steps: number,
  makeOptimizer: () => tf.AdamOptimizer,
): Promise<number[][]> {
  const before = tf.getBackend();
  void tf.setBackend(backend);
  const optimizer = makeOptimizer();
  const variables = SIZES.map((size) =>
    tf.variable(tf.randomNormal([size], 0, 1, "float32", size)),
  );
  for (let step = 0; step < steps; step++)
    tf.tidy(() =>
      optimizer.applyGradients(
        variables.map(({ name, size }) => ({
          name,
          // One variable is without a gradient in every step but the first.
          tensor: (size === 4 && step > 0
            ? null
            : gradientOf(size, step)) as tf.Tensor,
        })),
      ),
    );
  const saved = (await optimizer.getWeights()).map(({ tensor }) => tensor);
  const values = [...variables, ...saved].map((tensor) =>
    Array.from(tensor.dataSync()),
  );
  tf.dispose([...variables, saved[0]!]);
  optimizer.dispose();
  void tf.setBackend(before);
  return values;
}

/** Tests that an engine with a step of its own steps as the composed one on the cpu backend does. The engine computes already. */
export function testAdamSteps(engine: "wasm" | "tensorflow"): void {
  test("adam has a step of its own", () => {
    expect(tf.getBackend()).toBe(engine);
    expect(adamStepOf(engine)).not.toBeNull();
  });

  test.each([
    ["the defaults", () => tf.train.adam()],
    ["others", () => tf.train.adam(0.1, 0.5, 0.7, 1e-3)],
  ])(
    "adam takes the same steps as on the cpu backend, to the bit, with %s",
    async (_, makeOptimizer) => {
      const expected = await train("cpu", 5, makeOptimizer);
      expect(await train(engine, 5, makeOptimizer)).toEqual(expected);
    },
  );

  test("adam follows a learning rate that changes between steps", () => {
    const values = ["cpu", engine].map((backend) => {
      void tf.setBackend(backend);
      const optimizer = tf.train.adam(0.1);
      const variable = tf.variable(tf.ones([5]));
      for (const learningRate of [0.1, 0.01, 0.5]) {
        Object.assign(optimizer, { learningRate });
        optimizer.minimize(() => variable.square().sum());
      }
      return Array.from(variable.dataSync());
    });
    expect(values[1]).toEqual(values[0]);
  });

  test("adam goes on from weights that were saved and restored", async () => {
    const step = (optimizer: tf.AdamOptimizer, variable: tf.Variable) =>
      optimizer.minimize(() => variable.square().sum());
    const variable = tf.variable(tf.tensor1d([1, 2, 3]));
    const optimizer = tf.train.adam(0.1);
    for (let i = 0; i < 3; i++) step(optimizer, variable);
    const restored = tf.train.adam(0.1);
    const other = tf.variable(variable.clone());
    await restored.setWeights(await optimizer.getWeights());
    step(optimizer, variable);
    step(restored, other);
    tf.util
      .toTypedArray(other.dataSync(), "float32")
      .forEach((value, i) =>
        expect(value).toBeCloseTo(variable.dataSync()[i]!, 6),
      );
  });

  test("adam leaves clones of the weights as they were", () => {
    const variable = tf.variable(tf.tensor1d([1, 2, 3]));
    const optimizer = tf.train.adam(0.1);
    optimizer.minimize(() => variable.square().sum());
    const clone = variable.clone();
    const before = Array.from(clone.dataSync());
    optimizer.minimize(() => variable.square().sum());
    expect(Array.from(clone.dataSync())).toEqual(before);
    expect(Array.from(variable.dataSync())).not.toEqual(before);
  });

  describe("adam steps in place only where nobody sees it:", () => {
    // TensorFlow shares memory between tensors only at multiples of 64 bytes.
    const SIZE = 64;
    const count = (from: number) =>
      Float32Array.from({ length: SIZE }, (_, i) => from + i);

    /** What `watch` makes of a weight between steps, and whether later steps leave it as it was. */
    function watched(watch: (weight: tf.Variable) => tf.Tensor) {
      const weight = tf.variable(tf.tensor1d(count(1)));
      const optimizer = tf.train.adam(0.1);
      const step = () => optimizer.minimize(() => weight.square().sum());
      for (let i = 0; i < 3; i++) step();
      const before = [...weight.dataSync()];
      const seen = watch(weight);
      const expected = [...seen.dataSync()];
      for (let i = 0; i < 2; i++) step();
      expect([...seen.dataSync()]).toEqual(expected);
      expect([...weight.dataSync()]).not.toEqual(before);
    }

    test("a clone of the weight stays", () =>
      watched((weight) => weight.clone()));
    test("a reshaped weight stays", () =>
      watched((weight) => weight.reshape([4, 16])));
    test.each([0, 1, 16])("a slice of the weight from %i on stays", (begin) =>
      watched((weight) => weight.slice([begin], [16])),
    );

    test("what the optimizer saved stays", async () => {
      const weight = tf.variable(tf.tensor1d(count(1)));
      const optimizer = tf.train.adam(0.1);
      const step = () => optimizer.minimize(() => weight.square().sum());
      step();
      step();
      const saved = (await optimizer.getWeights()).map(({ tensor }) =>
        tensor.clone(),
      );
      const before = saved.map((tensor) => [...tensor.dataSync()]);
      step();
      step();
      expect(saved.map((tensor) => [...tensor.dataSync()])).toEqual(before);
    });

    /** At a multiple of 64 bytes, so that TensorFlow can take it as it is. */
    function alignedArray(): Float32Array {
      const values = new Float32Array(new SharedArrayBuffer(4 * 2 * SIZE));
      values.set([...count(1), ...count(100)]);
      return values;
    }

    test.each([
      ["the array", (x: tf.Tensor) => x.slice([0], [2 * SIZE])],
      ["its first half", (x: tf.Tensor) => x.slice([0], [SIZE])],
      ["its second half", (x: tf.Tensor) => x.slice([SIZE], [SIZE])],
      ["one part of it", (x: tf.Tensor) => tf.split(x, 2)[1]!],
      ["one row of it", (x: tf.Tensor) => tf.unstack(x.reshape([2, SIZE]))[1]!],
    ])("an array stays where a weight is set to %s", (_, part) => {
      for (let i = 0; i < 10; i++) {
        const values = alignedArray();
        const expected = [...values];
        const { size } = tf.tidy(() => part(tf.tensor1d(values)));
        const weight = tf.variable(tf.zeros([size]));
        const optimizer = tf.train.adam(0.1);
        const step = () => optimizer.minimize(() => weight.square().sum());
        for (let k = 0; k < 3; k++) step();
        tf.tidy(() => weight.assign(part(tf.tensor1d(values))));
        const before = [...weight.dataSync()];
        for (let k = 0; k < 3; k++) step();
        expect([...weight.dataSync()]).not.toEqual(before);
        expect([...values]).toEqual(expected);
        tf.dispose(weight);
        optimizer.dispose();
      }
    });

    test("a gradient that is the weight itself is as good as another", () => {
      const train = (gradientOf: (weight: tf.Variable) => tf.Tensor) => {
        const weight = tf.variable(tf.tensor1d(count(1)));
        const optimizer = tf.train.adam(0.1);
        for (let i = 0; i < 4; i++)
          tf.tidy(() =>
            optimizer.applyGradients([
              { name: weight.name, tensor: gradientOf(weight) },
            ]),
          );
        return [...weight.dataSync()];
      };
      const expected = train((weight) => tf.tensor1d([...weight.dataSync()]));
      expect(train((weight) => weight)).toEqual(expected);
      expect(train((weight) => weight.clone())).toEqual(expected);
      expect(train((weight) => weight.reshape([SIZE]))).toEqual(expected);
    });
  });

  test.each([
    ["of int32", (x: tf.Tensor) => x.toInt()],
    ["of another shape", (x: tf.Tensor) => x.reshape([1, 4])],
    ["that is broadcast", (x: tf.Tensor) => x.slice([0], [1])],
  ])("adam takes a gradient %s as on the cpu backend", (_, odd) => {
    const train = (backend: string) => {
      const before = tf.getBackend();
      void tf.setBackend(backend);
      try {
        const weight = tf.variable(tf.tensor1d([1, 2, 3, 4]));
        const optimizer = tf.train.adam(0.1);
        for (let i = 0; i < 3; i++)
          tf.tidy(() =>
            optimizer.applyGradients([
              {
                name: weight.name,
                tensor: i === 1 ? odd(tf.tensor1d([1, 2, 3, 4])) : weight,
              },
            ]),
          );
        return [...weight.dataSync()];
      } catch (error) {
        return (error as Error).message;
      } finally {
        void tf.setBackend(before);
      }
    };
    expect(train(engine)).toEqual(train("cpu"));
  });

  test("adam applies values as it applies tensors of them", () => {
    const train = (isByValues: boolean) => {
      const weights = SIZES.map((size) => tf.variable(tf.ones([size, 1])));
      const optimizer = tf.train.adam(0.1);
      const applied: boolean[] = [];
      for (let step = 0; step < 4; step++)
        tf.tidy(() => {
          const gradients = weights.map(({ name, size, shape }) => ({
            name,
            tensor: gradientOf(size, step).reshape(shape),
          }));
          const values = gradients.map(({ name, tensor }) => ({
            name,
            values: name === weights[2]!.name ? null : valuesOf(tensor),
          }));
          const isApplied = isByValues && applyValuesByAdam(optimizer, values);
          applied.push(isApplied);
          gradients[2]!.tensor = null!;
          if (!isApplied) optimizer.applyGradients(gradients);
        });
      return { applied, weights: weights.map((one) => [...one.dataSync()]) };
    };
    const found = train(true);
    expect(found.weights).toEqual(train(false).weights);
    // The first step makes the moments.
    expect(found.applied).toEqual([false, true, true, true]);
  });

  test.each([
    ["another optimizer", () => tf.train.sgd(0.1)],
    ["a kind of adam", () => new (class extends tf.AdamOptimizer {})(1, 1, 1)],
  ])("values are not for %s", (_, makeOptimizer) => {
    const weight = tf.variable(tf.ones([3]));
    const optimizer = makeOptimizer();
    const step = () => optimizer.minimize(() => weight.square().sum());
    step();
    const values = [{ name: weight.name, values: new Float32Array(3).fill(1) }];
    expect(applyValuesByAdam(optimizer, values)).toBe(false);
  });

  test("adam leaves no tensor behind", () => {
    const variable = tf.variable(tf.ones([7]));
    const optimizer = tf.train.adam(0.1);
    const step = () => optimizer.minimize(() => variable.square().sum());
    step();
    const { numTensors, numDataBuffers } = tf.memory();
    for (let i = 0; i < 3; i++) step();
    expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
    expect(optimizer.iterations).toBe(4);
  });
}
