import tf from "@tensorflow/tfjs";

/** float32 sums of a few hundred products, taken in another order. */
const RELATIVE_TOLERANCE = 1e-5;

interface Values {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

export function computeOn(backend: string, body: () => tf.Tensor[]): Values[] {
  const before = tf.getBackend();
  void tf.setBackend(backend);
  try {
    return tf.tidy(() =>
      body().map((tensor) => ({
        shape: tensor.shape,
        values: Array.from(tensor.dataSync()),
      })),
    );
  } finally {
    void tf.setBackend(before);
  }
}

/**
 * Each tensor that `body` returns is the same on the backend that is set and on cpu: no element differs by more than 1e-5 of the greatest.
 *
 * @param body draws its inputs from seeds, so that both backends get the same
 */
export function expectSameAsCpu(body: () => tf.Tensor[]): void {
  const expected = computeOn("cpu", body);
  const actual = computeOn(tf.getBackend(), body);
  expect(actual.map(({ shape }) => shape)).toEqual(
    expected.map(({ shape }) => shape),
  );
  actual.forEach(({ values }, index) => {
    const right = expected[index]!.values;
    const greatest = Math.max(...right.map(Math.abs));
    expect(greatest).toBeGreaterThan(0);
    const difference = Math.max(
      ...values.map((value, i) => Math.abs(value - right[i]!)),
    );
    expect(difference / greatest).toBeLessThanOrEqual(RELATIVE_TOLERANCE);
  });
}

export const normal = (shape: number[], seed: number): tf.Tensor =>
  tf.randomNormal(shape, 0, 1, "float32", seed);

/** Value and gradients of `f`, for a dy of which no two elements are equal. */
export function valueAndGradients(
  inputs: tf.Tensor[],
  f: (...inputs: tf.Tensor[]) => tf.Tensor,
): tf.Tensor[] {
  const dy = normal(f(...inputs).shape, 99);
  const { value, grads } = tf.valueAndGrads(f)(inputs, dy);
  return [value, ...grads];
}
