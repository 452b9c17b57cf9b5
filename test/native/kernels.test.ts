import tf from "@tensorflow/tfjs";
import { loadEngine } from "../../packages/engine/src/load";
import { nodeBackend } from "../../packages/engine/src/tensorflow/backend";
import { testAdamSteps } from "../support/adam-steps";
import { NATIVE_CACHE, nativeTest } from "../support/native-engine";
import {
  expectSameAsCpu,
  normal,
  valueAndGradients,
} from "../support/same-as-cpu";
import { testTensorMemory } from "../support/tensor-memory";

const native = nativeTest() === test.skip ? describe.skip : describe;

native("kernels of our own on native TensorFlow", () => {
  beforeAll(() => {
    process.env.TSMPI_CACHE_DIR = NATIVE_CACHE;
    loadEngine({ engine: "tensorflow" });
  });

  testAdamSteps("tensorflow");
  testTensorMemory();

  test.each([
    [0, "leaves"],
    [1, "takes"],
  ])("where reusable is %i, adamSteps %s the memory of its inputs", (flag) => {
    const backend = nodeBackend();
    const constants = Float32Array.of(0.9, 0.1, 0.9, 0.1, 1, 1, 0, -0.1);
    const gradients = [new Float32Array(32).fill(2)];
    // At a multiple of 64 bytes, TensorFlow takes an array as it is, and a slice of it for its own: one of these is there.
    const places = [...Array(16).keys()];
    const arrays = [1, 3, 5].map(() => new Float32Array(80));
    const taken = places.filter((start) => {
      const memory = arrays.map((array, i) =>
        array.fill([1, 3, 5][i]!).subarray(start, start + 64),
      );
      const inputs = memory.map((values) =>
        tf.tidy(() => tf.tensor1d(values).slice([0], [32])),
      );
      backend.binding!.adamSteps!(
        Int32Array.from(backend.getInputTensorIds(inputs)),
        gradients,
        constants,
        new Int32Array(3).fill(flag),
      );
      const found = inputs.map((input) => input.dataSync()[31]!);
      expect(found[0]).toBeCloseTo(1 - (0.1 * 2.9) / Math.sqrt(4.9));
      expect(found[1]).toBeCloseTo(3 * 0.9 + 2 * 0.1);
      expect(found[2]).toBeCloseTo(5 * 0.9 + 4 * 0.1);
      tf.dispose(inputs);
      return memory[2]![31] !== 5;
    });
    expect(taken).toHaveLength(flag);
  });

  test("the binding refuses what does not fit", () => {
    const backend = nodeBackend();
    const { tensorInto, tensorCopyOf, adamSteps, maxPoolGrad } =
      backend.binding!;
    const [id] = backend.getInputTensorIds([tf.ones([3])]);
    expect(() => tensorInto!(id!, new Float32Array(2))).toThrow(
      "tensor and array differ in length",
    );
    expect(() => tensorInto!(-7, new Float32Array(2))).toThrow(
      "there is no tensor of this id",
    );
    expect(() =>
      tensorCopyOf!(Int32Array.of(2, 2), new Float32Array(3)),
    ).toThrow("shape and array differ in length");
    const step = (gradient: number | Float32Array, ids = [id!, id!, id!]) =>
      adamSteps!(
        Int32Array.from(ids),
        [gradient],
        new Float32Array(8),
        new Int32Array(3),
      );
    expect(() => step(id!, [id!])).toThrow("three ids, a gradient");
    expect(() => step(-7)).toThrow("there is no tensor of this id");
    expect(() => step(new Float32Array(2))).toThrow("differ in length");
    expect(() =>
      maxPoolGrad!(Int32Array.of(id!, id!, id!), new Int32Array(12).fill(9)),
    ).toThrow("tensors and geometry differ");
    for (const wrong of [-3, 0])
      expect(() =>
        maxPoolGrad!(
          Int32Array.of(id!, id!, id!),
          new Int32Array(12).fill(wrong),
        ),
      ).toThrow("a dimension is negative, or a stride is less than 1");
  });

  describe("the gradient of relu", () => {
    const values = [-2, -0, 0, 1e-30, 3, Infinity, -Infinity];

    test("is dy where x is positive, else 0", () => {
      const gradient = tf.grad((x: tf.Tensor) => tf.relu(x));
      const dy = tf.tensor1d([1, 2, 3, 4, 5, 6, 7]);
      const dx = gradient(tf.tensor1d(values), dy);
      expect(Array.from(dx.dataSync())).toEqual([0, 0, 0, 4, 5, 6, 0]);
    });

    test("has a gradient itself", () => {
      const x = [-1, 2, 3];
      const penalty = () => {
        const inner = tf.grad((t: tf.Tensor) => tf.relu(t).square().sum());
        return tf.grad((t: tf.Tensor) => inner(t).square().sum())(
          tf.tensor1d(x),
        );
      };
      // (d/dx relu(x)²)² = 4 x² where x is positive.
      expect(Array.from(penalty().dataSync())).toEqual([0, 16, 24]);
    });

    test("of NaN says so at the result", () => {
      const loss = (x: tf.Tensor) => tf.relu(x).square().sum();
      const { value, grad } = tf.valueAndGrad(loss)(tf.tensor1d([NaN, 1]));
      expect(value.dataSync()[0]).toBeNaN();
      expect(Array.from(grad.dataSync())).toEqual([NaN, 2]);
    });
  });

  describe("the gradient of max pooling", () => {
    const PADS = ["valid", "same"] as const;
    const SIZES = [1, 2, 3];
    const CHANNELS = [1, 3, 16, 37];
    test.each(
      PADS.flatMap((pad) =>
        SIZES.flatMap((size) =>
          SIZES.flatMap((stride) =>
            CHANNELS.map((channels) => [size, stride, channels, pad] as const),
          ),
        ),
      ),
    )(
      "is that of the cpu backend: size %i, stride %i, %i channels, padding %s",
      (size, stride, channels, pad) => {
        expectSameAsCpu(() =>
          valueAndGradients([normal([2, 7, 6, channels], 7)], (x) =>
            tf.maxPool(x as tf.Tensor4D, size, stride, pad),
          ),
        );
      },
    );

    test("goes to the first of several maxima", () => {
      const pool = (x: tf.Tensor) =>
        tf.maxPool(x as tf.Tensor4D, 2, 2, "valid");
      const dx = tf.grad(pool)(tf.zeros([1, 2, 2, 1]), tf.ones([1, 1, 1, 1]));
      expect(Array.from(dx.dataSync())).toEqual([1, 0, 0, 0]);
    });
  });

  test("a reshape has the values in another shape, and refuses another number of them", () => {
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]).mul(2);
    const shapes = [[3, 2], [6], [1, 6, 1], [2, -1]];
    for (const shape of shapes)
      expect([...x.reshape(shape).dataSync()]).toEqual([2, 4, 6, 8, 10, 12]);
    const column = x.reshape([6, 1]);
    x.dispose();
    expect([...column.add(1).dataSync()]).toEqual([3, 5, 7, 9, 11, 13]);
    expect(tf.scalar(7).reshape([1, 1]).shape).toEqual([1, 1]);
    expect(tf.zeros([0, 3]).reshape([3, 0]).shape).toEqual([3, 0]);
    const { binding } = nodeBackend();
    const [id] = nodeBackend().getInputTensorIds([column]);
    expect(() => binding!.reshaped!(id!, Int32Array.of(5))).toThrow();
  });

  describe("a tensor that is handed on", () => {
    test.each([
      ["cast", (x: tf.Tensor) => x.cast("float32")],
      ["reshape", (x: tf.Tensor) => x.reshape([2, 2])],
    ])("by %s outlives the one it came from", (_, handOn) => {
      const { numTensors, numDataBuffers } = tf.memory();
      const x = tf.tensor2d([1, 2, 3, 4], [2, 2]).mul(2);
      const same = handOn(x);
      expect(same.id).not.toBe(x.id);
      x.dispose();
      const [first, second] = [same.add(1), tf.ones([2, 2])];
      expect(Array.from(first.dataSync())).toEqual([3, 5, 7, 9]);
      expect(Array.from(same.dataSync())).toEqual([2, 4, 6, 8]);
      tf.dispose([same, first, second]);
      // The tensor that x was made of is still there.
      expect(tf.memory().numTensors).toBe(numTensors + 1);
      expect(tf.memory().numDataBuffers).toBe(numDataBuffers + 1);
    });

    test("is a new one where type or shape differ", () => {
      const x = tf.tensor1d([1.5, 2.5]);
      expect(x.cast("int32").dtype).toBe("int32");
      expect(x.reshape([2, 1]).shape).toEqual([2, 1]);
      expect(x.reshape([-1]).shape).toEqual([2]);
    });
  });
});
