import tf from "@tensorflow/tfjs";
import { tensorMemory } from "../../packages/engine/src/load";

/** Tests on the backend that is set when they run. */
export function testTensorMemory(): void {
  // A rank's buffers lie in shared memory.
  const shared = (length: number) =>
    new Float32Array(new SharedArrayBuffer(4 * length));

  test("values are read into an array of the caller's", () => {
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]).mul(2);
    const target = shared(8).subarray(1, 7);
    tensorMemory().read(x, target);
    expect([...target]).toEqual([2, 4, 6, 8, 10, 12]);
    target.fill(0);
    expect([...x.dataSync()]).toEqual([2, 4, 6, 8, 10, 12]);
  });

  test("a tensor is made of values that stay the caller's", () => {
    const values = shared(6);
    values.set([1, 2, 3, 4, 5, 6]);
    const { numDataBuffers } = tf.memory();
    const x = tensorMemory().create(values, [3, 2]);
    values.fill(0);
    expect(x).toMatchObject({ shape: [3, 2], dtype: "float32" });
    expect([...x.dataSync()]).toEqual([1, 2, 3, 4, 5, 6]);
    x.dispose();
    expect(tf.memory().numDataBuffers).toBe(numDataBuffers);
  });

  test.each([
    [[1, -2, 3e38, 3e38, 0, -0, 1e-45], true],
    [[1, NaN, 1], false],
    [[Infinity], false],
    [[...Array<number>(40).fill(7), -Infinity], false],
    [[], true],
  ])("whether %j is finite", (values, expected) => {
    const x = tf.tensor1d(values);
    expect(tensorMemory().isFinite(x)).toBe(expected);
    x.dispose();
  });

  test("scalars and empty tensors pass", () => {
    const memory = tensorMemory();
    const scalar = memory.create(Float32Array.of(7), []);
    const empty = memory.create(shared(0), [0, 3]);
    expect([...scalar.dataSync()]).toEqual([7]);
    expect(empty.shape).toEqual([0, 3]);
    memory.read(empty, shared(0));
    tf.dispose([scalar, empty]);
  });
}
