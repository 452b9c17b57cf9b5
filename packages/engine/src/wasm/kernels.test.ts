import tf from "@tensorflow/tfjs";
import {
  expectSameAsCpu,
  normal,
  valueAndGradients,
} from "../../../../test/support/same-as-cpu";
import { loadEngine } from "../load";

beforeAll(() => {
  loadEngine({ engine: "wasm" });
});

describe("conv2d", () => {
  interface Case {
    readonly x: [number, number, number, number];
    readonly filter: [number, number, number, number];
    readonly strides: number | [number, number];
    readonly pad: "same" | "valid" | number | tf.backend_util.ExplicitPadding;
  }
  const explicit: tf.backend_util.ExplicitPadding = [
    [0, 0],
    [2, 1],
    [0, 2],
    [0, 0],
  ];
  const cases: Case[] = [
    { x: [2, 8, 8, 3], filter: [3, 3, 3, 4], strides: 1, pad: "valid" },
    { x: [2, 8, 8, 3], filter: [3, 3, 3, 4], strides: 1, pad: "same" },
    { x: [3, 9, 7, 1], filter: [5, 5, 1, 2], strides: 1, pad: "same" },
    { x: [2, 9, 9, 3], filter: [3, 3, 3, 5], strides: 2, pad: "same" },
    { x: [2, 8, 10, 3], filter: [3, 3, 3, 5], strides: 2, pad: "valid" },
    { x: [2, 9, 8, 2], filter: [2, 4, 2, 3], strides: [1, 2], pad: "same" },
    { x: [2, 11, 11, 2], filter: [3, 3, 2, 3], strides: 3, pad: "same" },
    { x: [2, 8, 8, 4], filter: [1, 1, 4, 6], strides: 1, pad: "valid" },
    { x: [2, 8, 8, 4], filter: [1, 1, 4, 6], strides: 2, pad: "same" },
    { x: [2, 6, 6, 2], filter: [3, 3, 2, 3], strides: 1, pad: 2 },
    { x: [2, 6, 6, 2], filter: [3, 3, 2, 3], strides: 1, pad: 3 },
    { x: [2, 6, 7, 2], filter: [3, 3, 2, 3], strides: 2, pad: explicit },
    { x: [1, 5, 5, 1], filter: [5, 5, 1, 1], strides: 1, pad: "valid" },
  ];
  test.each(cases)(
    "conv2d and both gradients equal the cpu backend's: $x $filter, strides $strides, pad $pad",
    ({ x, filter, strides, pad }) => {
      expectSameAsCpu(() =>
        valueAndGradients([normal(x, 1), normal(filter, 2)], (image, kernel) =>
          tf.conv2d(image as tf.Tensor4D, kernel as tf.Tensor4D, strides, pad),
        ),
      );
    },
  );

  test("conv2d with dilations equals the cpu backend's; TensorFlow.js has no gradient for it", () => {
    expectSameAsCpu(() => [
      tf.conv2d(
        normal([2, 9, 9, 3], 1) as tf.Tensor4D,
        normal([3, 3, 3, 4], 2) as tf.Tensor4D,
        1,
        "same",
        "NHWC",
        2,
      ),
    ]);
  });

  test("conv2dTranspose and its gradients equal the cpu backend's", () => {
    expectSameAsCpu(() =>
      valueAndGradients(
        [normal([2, 5, 5, 3], 1), normal([3, 3, 4, 3], 2)],
        (x, filter) =>
          tf.conv2dTranspose(
            x as tf.Tensor4D,
            filter as tf.Tensor4D,
            [2, 10, 10, 4],
            2,
            "same",
          ),
      ),
    );
  });

  test("conv1d and its gradients equal the cpu backend's", () => {
    expectSameAsCpu(() =>
      valueAndGradients(
        [normal([2, 20, 3], 1), normal([5, 3, 4], 2)],
        (x, filter) =>
          tf.conv1d(x as tf.Tensor3D, filter as tf.Tensor3D, 2, "same"),
      ),
    );
  });
});

describe("depthwise and separable convolution", () => {
  test.each([
    { strides: 1, pad: "same", dilation: 1 },
    { strides: 2, pad: "valid", dilation: 1 },
    { strides: 1, pad: 1, dilation: 1 },
  ] as const)(
    "depthwiseConv2d and its gradients equal the cpu backend's: %j",
    ({ strides, pad, dilation }) => {
      expectSameAsCpu(() =>
        valueAndGradients(
          [normal([2, 9, 9, 3], 1), normal([3, 3, 3, 2], 2)],
          (x, filter) =>
            tf.depthwiseConv2d(
              x as tf.Tensor4D,
              filter as tf.Tensor4D,
              strides,
              pad,
              "NHWC",
              dilation,
            ),
        ),
      );
    },
  );
});

describe("pooling", () => {
  test.each([
    { size: 2, strides: 2, pad: "valid" },
    { size: 2, strides: 2, pad: "same" },
    { size: 3, strides: 2, pad: "same" },
    { size: 3, strides: 1, pad: "valid" },
    { size: 2, strides: 3, pad: "valid" },
    { size: 3, strides: 1, pad: 1 },
  ] as const)(
    "maxPool and its gradient equal the cpu backend's: %j",
    ({ size, strides, pad }) => {
      expectSameAsCpu(() =>
        valueAndGradients([normal([3, 9, 7, 5], 1)], (x) =>
          tf.maxPool(x as tf.Tensor4D, size, strides, pad),
        ),
      );
    },
  );

  test("maxPool gives the gradient to the first of several greatest elements", () => {
    const gradient = tf.tidy(() =>
      Array.from(
        tf
          .grad((x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, 2, 2, "valid"))(
            tf.zeros([1, 2, 4, 1]),
          )
          .dataSync(),
      ),
    );
    expect(gradient).toEqual([1, 0, 1, 0, 0, 0, 0, 0]);
  });
});

describe("gather", () => {
  test("gather adds up the gradients of a row that is gathered twice, as the cpu backend does", () => {
    expectSameAsCpu(() => {
      const indices = tf.tensor2d([1, 1, 0, 4, 1, 2], [2, 3], "int32");
      return valueAndGradients([normal([6, 3], 1)], (x) =>
        tf.gather(x, indices),
      );
    });
  });

  test("gather's gradient equals the cpu backend's along another axis", () => {
    expectSameAsCpu(() => {
      const indices = tf.tensor1d([1, 1, 0], "int32");
      return valueAndGradients([normal([3, 4, 2], 1)], (x) =>
        tf.gather(x, indices, 1),
      );
    });
  });

  test("unsortedSegmentSum drops rows whose id is no segment", () => {
    const sums = tf.tidy(() => {
      const ids = tf.tensor1d([2, -1, 0, 2, 3], "int32");
      const rows = tf.tensor2d([1, 1, 2, 2, 3, 3, 4, 4, 5, 5], [5, 2]);
      return Array.from(tf.unsortedSegmentSum(rows, ids, 3).dataSync());
    });
    expect(sums).toEqual([3, 3, 0, 0, 5, 5]);
  });
});

describe("matMul", () => {
  const shapes = (batch: number[], inner: number) => ({
    a: { plain: [...batch, 7, inner], transposed: [...batch, inner, 7] },
    b: { plain: [...batch, inner, 5], transposed: [...batch, 5, inner] },
  });
  const transposes = [
    { transposeA: false, transposeB: false },
    { transposeA: true, transposeB: false },
    { transposeA: false, transposeB: true },
    { transposeA: true, transposeB: true },
  ];

  describe.each(transposes)("%j", ({ transposeA, transposeB }) => {
    const pick = (
      side: { plain: number[]; transposed: number[] },
      t: boolean,
    ) => (t ? side.transposed : side.plain);

    test.each([[[]], [[1]], [[3]], [[2, 3]]])(
      "matMul and its gradients equal the cpu backend's for a batch of %j and inner dimension 100",
      (batch) => {
        const { a, b } = shapes(batch, 100);
        expectSameAsCpu(() =>
          valueAndGradients(
            [normal(pick(a, transposeA), 1), normal(pick(b, transposeB), 2)],
            (x, y) => tf.matMul(x, y, transposeA, transposeB),
          ),
        );
      },
    );

    test.each([
      "linear",
      "relu",
      "relu6",
      "sigmoid",
      "elu",
      "leakyrelu",
      "prelu",
    ] as const)(
      "fused.matMul with bias and %s equals the cpu backend's for inner dimension 100",
      (activation) => {
        for (const batch of [[], [3]]) {
          const { a, b } = shapes(batch, 100);
          expectSameAsCpu(() => [
            tf.fused.matMul({
              a: normal(pick(a, transposeA), 1),
              b: normal(pick(b, transposeB), 2),
              bias: normal([5], 3),
              transposeA,
              transposeB,
              activation,
              preluActivationWeights: normal([5], 4),
            }),
          ]);
        }
      },
    );

    test("fused.matMul's gradients equal the cpu backend's for inner dimension 100", () => {
      const { a, b } = shapes([], 100);
      expectSameAsCpu(() =>
        valueAndGradients(
          [
            normal(pick(a, transposeA), 1),
            normal(pick(b, transposeB), 2),
            normal([5], 3),
          ],
          (x, y, bias) =>
            tf.fused.matMul({ a: x, b: y, bias, transposeA, transposeB }),
        ),
      );
    });
  });
});

test("einsum equals the cpu backend's", () => {
  expectSameAsCpu(() => [
    tf.einsum("bij,bjk->bik", normal([2, 3, 4], 1), normal([2, 4, 5], 2)),
  ]);
});

test("every kernel of the cpu backend that does not need complex numbers is there", () => {
  const names = (backend: string) =>
    tf.getKernelsForBackend(backend).map(({ kernelName }) => kernelName);
  const present = new Set(names("wasm"));
  expect(names("cpu").filter((name) => !present.has(name))).toEqual([
    ...["Complex", "ComplexAbs", "FFT", "IFFT", "Imag", "Real"],
  ]);
});

describe("models", () => {
  const labels = (rows: number) =>
    tf.oneHot(tf.range(0, rows, 1, "int32").mod(3).toInt(), 3);
  const seeded = () => tf.initializers.glorotNormal({ seed: 7 });
  const softmax = () =>
    tf.layers.dense({
      units: 3,
      activation: "softmax",
      kernelInitializer: seeded(),
    });
  const models: Record<string, () => { model: tf.Sequential; x: tf.Tensor }> = {
    "conv, batch norm, pool": () => ({
      model: tf.sequential({
        layers: [
          tf.layers.conv2d({
            filters: 4,
            kernelSize: 3,
            activation: "relu",
            padding: "same",
            kernelInitializer: seeded(),
            inputShape: [8, 8, 1],
          }),
          tf.layers.batchNormalization(),
          tf.layers.maxPooling2d({ poolSize: 2 }),
          tf.layers.conv2d({
            filters: 4,
            kernelSize: 3,
            strides: 2,
            kernelInitializer: seeded(),
          }),
          tf.layers.flatten(),
          softmax(),
        ],
      }),
      x: normal([12, 8, 8, 1], 5),
    }),
    "separable conv": () => ({
      model: tf.sequential({
        layers: [
          tf.layers.separableConv2d({
            filters: 4,
            kernelSize: 3,
            depthwiseInitializer: seeded(),
            pointwiseInitializer: seeded(),
            inputShape: [8, 8, 2],
          }),
          tf.layers.globalAveragePooling2d({}),
          softmax(),
        ],
      }),
      x: normal([12, 8, 8, 2], 5),
    }),
    "embedding, LSTM": () => ({
      model: tf.sequential({
        layers: [
          tf.layers.embedding({
            inputDim: 11,
            outputDim: 6,
            embeddingsInitializer: seeded(),
            inputLength: 5,
          }),
          tf.layers.lstm({
            units: 7,
            kernelInitializer: seeded(),
            recurrentInitializer: seeded(),
          }),
          softmax(),
        ],
      }),
      x: tf.range(0, 60, 1, "int32").mod(11).reshape([12, 5]),
    }),
  };

  /** Losses and final weights of a few steps. */
  async function train(name: string, steps: number) {
    const { model, x } = models[name]!();
    const y = labels(12);
    model.compile({
      optimizer: tf.train.sgd(0.1),
      loss: "categoricalCrossentropy",
    });
    const results: number[] = [];
    const tensors: number[] = [];
    for (let step = 0; step < steps; step++) {
      results.push((await model.trainOnBatch(x, y)) as number);
      tensors.push(tf.memory().numTensors);
    }
    for (const weight of model.getWeights()) results.push(...weight.dataSync());
    model.dispose();
    tf.dispose([x, y]);
    return { results, tensors };
  }

  test.each(Object.keys(models))(
    "fit of a model (%s) follows the cpu backend's and leaves no tensor behind",
    async (name) => {
      const wasm = await train(name, 5);
      void tf.setBackend("cpu");
      const cpu = await train(name, 5);
      void tf.setBackend("wasm");
      wasm.results.forEach((value, index) =>
        expect(value).toBeCloseTo(cpu.results[index]!, 4),
      );
      expect(new Set(wasm.tensors.slice(1)).size).toBe(1);
    },
  );

  test("fit leaves no buffer in the WebAssembly heap that belongs to no tensor", async () => {
    const orphans = () =>
      tf.engine().backend.numDataIds() - tf.memory().numDataBuffers;
    const before = orphans();
    for (const name of Object.keys(models)) await train(name, 3);
    expect(orphans()).toBe(before);
  });
});
