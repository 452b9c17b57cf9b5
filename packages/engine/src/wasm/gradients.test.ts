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

interface Case {
  /** Of float32; made anew on each backend. */
  readonly inputs: () => tf.Tensor[];
  readonly f: (...inputs: tf.Tensor[]) => tf.Tensor;
}

const uniform = (shape: number[], from: number, to: number, seed = 1) =>
  tf.randomUniform(shape, from, to, "float32", seed);

const of =
  (...shapes: number[][]) =>
  () =>
    shapes.map((shape, index) => normal(shape, index + 1));
const between =
  (from: number, to: number, shape = [3, 4, 5]) =>
  () => [uniform(shape, from, to)];

/** For a step function, whose own gradient is zero everywhere. */
const timesItself =
  (step: (x: tf.Tensor) => tf.Tensor) =>
  (x: tf.Tensor): tf.Tensor =>
    x.mul(step(x).toFloat());

const one = (inputs: () => tf.Tensor[], f: Case["f"]) => ({
  "": { inputs, f },
});

const anywhere = of([3, 4, 5]);
const positive = between(0.1, 3);

const unary = (
  f: (x: tf.Tensor) => tf.Tensor,
  inputs = anywhere,
): Readonly<Record<string, Case>> => one(inputs, f);

const binary = (
  f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  inputsOf: (shape: number[], seed: number) => tf.Tensor = normal,
): Readonly<Record<string, Case>> =>
  Object.fromEntries(
    [
      [
        [3, 4, 5],
        [3, 4, 5],
      ],
      [
        [3, 4, 5],
        [4, 1],
      ],
      [[5], [3, 4, 5]],
      [[3, 4, 5], []],
    ].map(([a, b]) => [
      `${JSON.stringify(a)} ${JSON.stringify(b)}`,
      { inputs: () => [inputsOf(a!, 1), inputsOf(b!, 2)], f },
    ]),
  );

/** Of these the gradient of TensorFlow.js throws, on any backend, where it would have to sum over broadcast axes. */
const equalShapes = (
  f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
): Readonly<Record<string, Case>> => one(of([3, 4, 5], [3, 4, 5]), f);

const positiveBinary = (shape: number[], seed: number) =>
  uniform(shape, 0.5, 3, seed);

/** `reduce` over each choice of axes. */
const reduction = (
  reduce: (x: tf.Tensor, axis: number[] | undefined) => tf.Tensor,
  inputs = anywhere,
): Readonly<Record<string, Case>> =>
  Object.fromEntries(
    [undefined, [0], [1], [2], [0, 2], [1, 2], [0, 1]].map((axis) => [
      `over ${JSON.stringify(axis)}`,
      { inputs, f: (x: tf.Tensor) => reduce(x, axis) },
    ]),
  );

const over = <T>(
  values: readonly T[],
  f: (value: T) => Case,
): Readonly<Record<string, Case>> =>
  Object.fromEntries(values.map((value) => [JSON.stringify(value), f(value)]));

const RESIZES = [
  { size: [7, 9], alignCorners: false },
  { size: [7, 9], alignCorners: true },
  { size: [10, 10], alignCorners: false },
  { size: [10, 10], alignCorners: true },
  { size: [2, 3], alignCorners: false },
  { size: [2, 3], alignCorners: true },
  { size: [8, 2], alignCorners: false },
  { size: [5, 5], alignCorners: false },
] as const;

/** By the kernel whose gradient they test. */
const CASES: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  [tf.Abs]: unary(tf.abs),
  [tf.Acos]: unary(tf.acos, between(-0.9, 0.9)),
  [tf.Acosh]: unary(tf.acosh, between(1.1, 4)),
  [tf.Add]: binary(tf.add),
  [tf.AddN]: one(of([3, 4], [3, 4], [3, 4]), (...x) => tf.addN(x)),
  [tf.ArgMax]: unary(timesItself((x) => tf.argMax(x, 2).expandDims(2))),
  [tf.ArgMin]: unary(timesItself((x) => tf.argMin(x, 1).expandDims(1))),
  [tf.Asin]: unary(tf.asin, between(-0.9, 0.9)),
  [tf.Asinh]: unary(tf.asinh),
  [tf.Atan]: unary(tf.atan),
  [tf.Atan2]: binary(tf.atan2),
  [tf.Atanh]: unary(tf.atanh, between(-0.9, 0.9)),
  [tf.AvgPool]: one(of([2, 6, 7, 3]), (x) =>
    tf.avgPool(x as tf.Tensor4D, 3, 2, "same"),
  ),
  [tf.AvgPool3D]: one(of([2, 4, 5, 6, 2]), (x) =>
    tf.avgPool3d(x as tf.Tensor5D, 2, 2, "same"),
  ),
  [tf.BatchMatMul]: one(of([2, 3, 4], [2, 4, 5]), (a, b) => tf.matMul(a, b)),
  [tf.BatchToSpaceND]: over(
    [
      [
        [0, 0],
        [0, 0],
      ],
      [
        [0, 1],
        [1, 0],
      ],
    ],
    (crops) => ({
      inputs: of([12, 2, 3, 2]),
      f: (x) => tf.batchToSpaceND(x, [2, 3], crops),
    }),
  ),
  [tf.BroadcastTo]: one(of([3, 1, 5]), (x) => tf.broadcastTo(x, [2, 3, 4, 5])),
  [tf.Cast]: unary(timesItself((x) => tf.cast(x.mul(3), "int32"))),
  [tf.Ceil]: unary(timesItself(tf.ceil)),
  [tf.ClipByValue]: unary((x) => tf.clipByValue(x, -0.5, 0.8)),
  [tf.Concat]: over([0, 1, 2, -1], (axis) => ({
    inputs: () => {
      const shapes = [4, 1, 3].map((size) => [2, 3, 2].with(axis, size));
      return shapes.map((shape, index) => normal(shape, index + 1));
    },
    f: (...x) => tf.concat(x, axis),
  })),
  [tf.Conv2D]: one(of([2, 6, 7, 3], [3, 2, 3, 4]), (x, filter) =>
    tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 2, "same"),
  ),
  [tf.Conv2DBackpropInput]: one(of([2, 3, 4, 5], [3, 2, 4, 5]), (x, filter) =>
    tf.conv2dTranspose(
      x as tf.Tensor4D,
      filter as tf.Tensor4D,
      [2, 6, 7, 4],
      2,
      "same",
    ),
  ),
  [tf.Conv3D]: one(of([2, 4, 5, 6, 2], [2, 3, 2, 2, 3]), (x, filter) =>
    tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, 1, "same"),
  ),
  [tf.Cos]: unary(tf.cos),
  [tf.Cosh]: unary(tf.cosh),
  // Along another axis than the last the gradient of TensorFlow.js throws, on any backend.
  [tf.Cumsum]: over(
    [true, false].flatMap((exclusive) =>
      [true, false].map((reverse) => ({ exclusive, reverse })),
    ),
    ({ exclusive, reverse }) => ({
      inputs: anywhere,
      f: (x) => tf.cumsum(x, 2, exclusive, reverse),
    }),
  ),
  [tf.DepthwiseConv2dNative]: one(of([2, 6, 7, 3], [3, 2, 3, 2]), (x, filter) =>
    tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same"),
  ),
  [tf.Dilation2D]: one(of([2, 6, 7, 3], [3, 2, 3]), (x, filter) =>
    tf.dilation2d(x as tf.Tensor4D, filter as tf.Tensor3D, 2, "same"),
  ),
  [tf.Elu]: unary(tf.elu),
  [tf.Erf]: unary(tf.erf),
  [tf.Exp]: unary(tf.exp),
  [tf.ExpandDims]: unary((x) => tf.expandDims(x, 1)),
  [tf.Expm1]: unary(tf.expm1),
  [tf.Floor]: unary(timesItself(tf.floor)),
  [tf.FloorDiv]: binary((a, b) => a.mul(tf.floorDiv(a, b)), positiveBinary),
  [tf.FusedBatchNorm]: over([1, 2, 3, 4], (rank) => ({
    inputs: () => [
      normal([4, 3, 2, 5].slice(-rank), 1),
      normal([5], 2),
      uniform([5], 0.5, 2, 3),
      normal([5], 4),
      uniform([5], 0.5, 2, 5),
    ],
    f: (x, mean, variance, offset, scale) =>
      tf.batchNorm(x, mean, variance, offset, scale, 1e-3),
  })),
  [tf.GatherV2]: over([0, 1, 2], (axis) => ({
    inputs: anywhere,
    f: (x) =>
      tf.gather(
        x,
        tf.tensor2d(
          [
            [1, 1],
            [0, 2],
          ],
          [2, 2],
          "int32",
        ),
        axis,
      ),
  })),
  [tf.GreaterEqual]: unary(timesItself((x) => tf.greaterEqual(x, 0.1))),
  [tf.Identity]: unary((x) => tf.clone(x)),
  [tf.IsFinite]: unary(timesItself(tf.isFinite)),
  [tf.IsInf]: unary((x) => x.add(timesItself(tf.isInf)(x))),
  [tf.IsNan]: unary((x) => x.add(timesItself(tf.isNaN)(x))),
  [tf.LeakyRelu]: unary((x) => tf.leakyRelu(x, 0.3)),
  [tf.Log]: unary(tf.log, positive),
  [tf.Log1p]: unary(tf.log1p, positive),
  [tf.LogSoftmax]: unary((x) => tf.logSoftmax(x)),
  [tf.LRN]: over([1, 2, 5], (radius) => ({
    inputs: of([2, 3, 3, 8]),
    f: (x) =>
      tf.localResponseNormalization(x as tf.Tensor4D, radius, 1.5, 0.7, 0.6),
  })),
  [tf.Max]: reduction((x, axis) => tf.max(x, axis)),
  [tf.MaxPool]: one(of([2, 6, 7, 3]), (x) =>
    tf.maxPool(x as tf.Tensor4D, 3, 2, "same"),
  ),
  [tf.MaxPool3D]: one(of([2, 4, 5, 6, 2]), (x) =>
    tf.maxPool3d(x as tf.Tensor5D, 2, 2, "same"),
  ),
  [tf.Maximum]: equalShapes(tf.maximum),
  [tf.Mean]: reduction((x, axis) => tf.mean(x, axis)),
  [tf.Min]: reduction((x, axis) => tf.min(x, axis)),
  [tf.Minimum]: equalShapes(tf.minimum),
  [tf.MirrorPad]: over(["reflect", "symmetric"] as const, (mode) => ({
    inputs: of([4, 5]),
    f: (x) =>
      tf.mirrorPad(
        x,
        [
          [1, 2],
          [3, 0],
        ],
        mode,
      ),
  })),
  [tf.Mod]: binary(tf.mod, positiveBinary),
  [tf.Multiply]: binary(tf.mul),
  [tf.Neg]: unary(tf.neg),
  [tf.OneHot]: unary(
    timesItself((x) => tf.oneHot(tf.argMax(x, 1), 5).mean(1).expandDims(1)),
  ),
  [tf.OnesLike]: unary(timesItself(tf.onesLike)),
  [tf.Pack]: over([0, 1, 2], (axis) => ({
    inputs: of([3, 4], [3, 4], [3, 4]),
    f: (...x) => tf.stack(x, axis),
  })),
  [tf.PadV2]: over([0, 1.5], (constant) => ({
    inputs: anywhere,
    f: (x) =>
      tf.pad(
        x,
        [
          [0, 2],
          [1, 0],
          [3, 1],
        ],
        constant,
      ),
  })),
  [tf.Pow]: binary(tf.pow, positiveBinary),
  [tf.Prelu]: one(of([3, 4, 5], [5]), (x, alpha) => tf.prelu(x, alpha)),
  [tf.Prod]: reduction((x, axis) => tf.prod(x, axis), positive),
  [tf.RealDiv]: binary(tf.div, positiveBinary),
  [tf.Reciprocal]: unary(tf.reciprocal, positive),
  [tf.Relu]: unary(tf.relu),
  [tf.Relu6]: unary(tf.relu6, between(-9, 9)),
  [tf.Reshape]: unary((x) => tf.reshape(x, [5, 12])),
  [tf.ResizeBilinear]: over(RESIZES, ({ size, alignCorners }) => ({
    // The cpu backend exchanges height and width of an image that is no square.
    inputs: of([2, 5, 5, 3]),
    f: (x) =>
      tf.image.resizeBilinear(x as tf.Tensor4D, [...size], alignCorners),
  })),
  [tf.Reverse]: over([[0], [1], [2], [0, 2]], (axis) => ({
    inputs: anywhere,
    f: (x) => tf.reverse(x, axis),
  })),
  [tf.Round]: unary(timesItself(tf.round)),
  [tf.Rsqrt]: unary(tf.rsqrt, positive),
  [tf.Select]: one(of([3, 4], [3, 4]), (a, b) =>
    tf.where(normal([3, 4], 5).greater(0.2), a, b),
  ),
  [tf.Selu]: unary(tf.selu),
  [tf.Sigmoid]: unary(tf.sigmoid),
  [tf.Sign]: unary(timesItself(tf.sign)),
  [tf.Sin]: unary(tf.sin),
  [tf.Sinh]: unary(tf.sinh),
  [tf.Slice]: over(
    [
      { begin: [0, 1, 2], size: [2, 3, 2] },
      { begin: [2], size: [1] },
      { begin: [0, 0, 4], size: [3, 4, 1] },
    ],
    ({ begin, size }) => ({
      inputs: anywhere,
      f: (x) => tf.slice(x, begin, size),
    }),
  ),
  [tf.Softmax]: unary((x) => tf.softmax(x)),
  [tf.Softplus]: unary(tf.softplus),
  [tf.SpaceToBatchND]: over(
    [
      [
        [0, 0],
        [0, 0],
      ],
      [
        [1, 1],
        [2, 1],
      ],
    ],
    (paddings) => ({
      inputs: of([2, 4, 6, 3]),
      f: (x) => tf.spaceToBatchND(x, [2, 3], paddings),
    }),
  ),
  [tf.SplitV]: over(
    [
      { sizes: 2, axis: 1 },
      { sizes: [1, 2], axis: 0 },
      { sizes: [2, 1, 2], axis: 2 },
    ],
    ({ sizes, axis }) => ({
      inputs: anywhere,
      f: (x) => {
        const [first, second] = tf.split(x, sizes, axis);
        return tf.concat([second!.mul(2), first!], axis);
      },
    }),
  ),
  [tf.Sqrt]: unary(tf.sqrt, positive),
  [tf.Square]: unary(tf.square),
  [tf.SquaredDifference]: equalShapes(tf.squaredDifference),
  [tf.Step]: unary(timesItself((x) => tf.step(x, 0.1))),
  [tf.Sub]: binary(tf.sub),
  [tf.Sum]: reduction((x, axis) => tf.sum(x, axis)),
  [tf.Tan]: unary(tf.tan, between(-1, 1)),
  [tf.Tanh]: unary(tf.tanh),
  [tf.Tile]: over(
    [
      [1, 1, 2],
      [3, 1, 1],
      [2, 3, 2],
    ],
    (repetitions) => ({
      inputs: anywhere,
      f: (x) => tf.tile(x, repetitions),
    }),
  ),
  [tf.Transpose]: over(
    [
      [2, 1, 0],
      [1, 0, 2],
      [0, 2, 1],
    ],
    (perm) => ({
      inputs: anywhere,
      f: (x) => tf.transpose(x, perm),
    }),
  ),
  [tf.Unpack]: over([0, 1, 2], (axis) => ({
    inputs: anywhere,
    f: (x) => {
      const [first, second] = tf.unstack(x, axis);
      return second!.mul(2).add(first!);
    },
  })),
  [tf.UnsortedSegmentSum]: one(of([5, 3]), (x) =>
    tf.unsortedSegmentSum(x, tf.tensor1d([2, 0, 2, 1, 0], "int32"), 3),
  ),
  [tf.ZerosLike]: unary((x) => x.add(timesItself(tf.zerosLike)(x))),
};

const LABELS = () => tf.oneHot(tf.tensor1d([1, 0, 3], "int32"), 4);

/** Ops that are made of several kernels. */
const OPS: Readonly<Record<string, Case>> = {
  basicLSTMCell: {
    inputs: of([2, 3], [7, 16], [16], [2, 4], [2, 4]),
    f: (x, kernel, bias, c, h) =>
      tf.concat(
        tf.basicLSTMCell(
          tf.scalar(1),
          kernel as tf.Tensor2D,
          bias as tf.Tensor1D,
          x as tf.Tensor2D,
          c as tf.Tensor2D,
          h as tf.Tensor2D,
        ),
      ),
  },
  dropout: { inputs: anywhere, f: (x) => tf.dropout(x, 0.4, undefined, 3) },
  logSumExp: { inputs: anywhere, f: (x) => tf.logSumExp(x, 1) },
  meanSquaredError: {
    inputs: of([3, 4], [3, 4]),
    f: (x, y) => tf.losses.meanSquaredError(x, y),
  },
  huberLoss: {
    inputs: of([3, 4], [3, 4]),
    f: (x, y) => tf.losses.huberLoss(x, y),
  },
  "moments, variance": {
    inputs: anywhere,
    f: (x) => tf.moments(x, 1).variance,
  },
  "norm, euclidean": { inputs: anywhere, f: (x) => tf.norm(x, 2, 2) },
  sigmoidCrossEntropy: {
    inputs: of([3, 4]),
    f: (x) => tf.losses.sigmoidCrossEntropy(LABELS(), x),
  },
  softmaxCrossEntropy: {
    inputs: of([3, 4]),
    f: (x) => tf.losses.softmaxCrossEntropy(LABELS(), x),
  },
};

const tests = Object.entries({ ...CASES, ops: OPS }).flatMap(([of, cases]) =>
  Object.entries(cases).map(([what, test]) => ({ of, what, ...test })),
);

test.each(tests)("$of $what", ({ inputs, f }) => {
  expectSameAsCpu(() => valueAndGradients(inputs(), f));
});

describe.each(RESIZES)("resize to $size, alignCorners $alignCorners", (to) => {
  test.each(["resizeBilinear", "resizeNearestNeighbor"] as const)(
    "%s has for a gradient its transpose: ⟨dy, f(u)⟩ = ⟨f'(dy), u⟩",
    (name) => {
      const [forward, backward] = tf.tidy(() => {
        const u = normal([2, 4, 5, 3], 1);
        const resize = (x: tf.Tensor): tf.Tensor =>
          tf.image[name](x as tf.Tensor4D, [...to.size], to.alignCorners);
        const dy = normal([2, ...to.size, 3], 2);
        return [
          resize(u).mul(dy).sum().dataSync()[0]!,
          tf.grad(resize)(u, dy).mul(u).sum().dataSync()[0]!,
        ];
      });
      expect(backward).toBeCloseTo(forward, 4);
    },
  );
});

test("every gradient of TensorFlow.js is here", () => {
  const names = Object.values(tf).filter((x) => typeof x === "string");
  const differentiable = names.filter((name) => tf.getGradient(name));
  expect(differentiable.length).toBeGreaterThan(90);
  expect(differentiable.filter((name) => !(name in CASES))).toEqual([
    // Complex numbers are not for the wasm backend.
    tf.ComplexAbs,
    // Wrong on the cpu backend; tested as a transpose above.
    tf.ResizeNearestNeighbor,
  ]);
});
