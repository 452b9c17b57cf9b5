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

type Pair = [number, number];
type ExplicitPad = tf.backend_util.ExplicitPadding;
type Pad = "valid" | "same" | number | ExplicitPad;

const explicit = (
  top: number,
  bottom: number,
  left: number,
  right: number,
): ExplicitPad => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];

const SIZES: readonly Pair[] = [
  [1, 1],
  [2, 3],
  [3, 3],
  [5, 4],
];
const STRIDES: readonly (number | Pair)[] = [1, 2, 3, [1, 2], [2, 1], [3, 2]];
const PADS: readonly Pad[] = ["valid", "same", 1, 3, explicit(2, 1, 0, 3)];

const combinations = <A, B, C>(
  a: readonly A[],
  b: readonly B[],
  c: readonly C[],
) => a.flatMap((x) => b.flatMap((y) => c.map((z) => [x, y, z] as const)));

const WINDOWS = combinations(SIZES, STRIDES, PADS);
/** Without windows that lie in the padding and nowhere else: they have no maximum and no mean. */
const POOLS = WINDOWS.filter(
  ([size, , pad]) =>
    typeof pad === "string" ||
    [pad].flat(2).every((number) => number < Math.min(...size)),
);

/** For a number the cpu backend gets the width wrong where strides differ. */
const padOf = (pad: Pad): Exclude<Pad, number> =>
  typeof pad === "number" && tf.getBackend() === "cpu"
    ? explicit(pad, pad, pad, pad)
    : (pad as Exclude<Pad, number>);

const IMAGE = [2, 8, 9, 3];
const VOLUME = [2, 5, 6, 7, 2];
const as3D = (x?: tf.Tensor) => x as tf.Tensor3D;
const as4D = (x?: tf.Tensor) => x as tf.Tensor4D;
const as5D = (x?: tf.Tensor) => x as tf.Tensor5D;

/** Value and gradients for inputs of these shapes. */
function expectGradientsSameAsCpu(
  shapes: readonly number[][],
  f: (...inputs: tf.Tensor[]) => tf.Tensor,
): void {
  expectSameAsCpu(() =>
    valueAndGradients(
      shapes.map((shape, index) => normal(shape, index + 1)),
      f,
    ),
  );
}

describe.each(WINDOWS)("filter %j, strides %j, pad %j", (size, strides, p) => {
  test("conv2d", () => {
    expectGradientsSameAsCpu([IMAGE, [...size, 3, 4]], (x, filter) =>
      tf.conv2d(as4D(x), as4D(filter), strides, padOf(p)),
    );
  });

  test("fused.conv2d with bias and relu", () => {
    expectGradientsSameAsCpu([IMAGE, [...size, 3, 4], [4]], (x, filter, bias) =>
      tf.fused.conv2d({
        ...{ x: as4D(x), filter: as4D(filter), bias, strides },
        // The type forgets what the op takes: the padding of each side.
        pad: padOf(p),
        activation: "relu",
      }),
    );
  });

  test("depthwiseConv2d", () => {
    expectGradientsSameAsCpu([IMAGE, [...size, 3, 2]], (x, filter) =>
      tf.depthwiseConv2d(as4D(x), as4D(filter), strides, padOf(p)),
    );
  });

  test("fused.depthwiseConv2d with bias and relu", () => {
    expectGradientsSameAsCpu([IMAGE, [...size, 3, 2], [6]], (x, filter, bias) =>
      tf.fused.depthwiseConv2d({
        ...{ x: as4D(x), filter: as4D(filter), bias, strides },
        // The type forgets what the op takes: the padding of each side.
        pad: padOf(p) as "same",
        activation: "relu",
      }),
    );
  });
});

describe.each(POOLS)("window %j, strides %j, pad %j", (size, strides, p) => {
  test("maxPool", () => {
    expectGradientsSameAsCpu([IMAGE], (x) =>
      tf.maxPool(as4D(x), size, strides, padOf(p)),
    );
  });

  test("avgPool", () => {
    expectGradientsSameAsCpu([IMAGE], (x) =>
      tf.avgPool(as4D(x), size, strides, padOf(p)),
    );
  });
});

describe.each(combinations(SIZES, STRIDES, ["valid", "same"] as const))(
  "filter %j, strides %j, pad %j",
  (size, strides, pad) => {
    test("separableConv2d", () => {
      const shapes = [IMAGE, [...size, 3, 2], [1, 1, 6, 4]];
      expectGradientsSameAsCpu(shapes, (x, depthwise, pointwise) =>
        tf.separableConv2d(
          as4D(x),
          as4D(depthwise),
          as4D(pointwise),
          strides,
          pad,
        ),
      );
    });

    test("conv2dTranspose", () => {
      const [strideHeight, strideWidth] = [strides, strides].flat() as Pair;
      const { outHeight, outWidth } = tf.backend_util.computeConv2DInfo(
        [2, 8, 9, 4],
        [...size, 4, 3],
        [strideHeight, strideWidth],
        1,
        pad,
      );
      expectGradientsSameAsCpu(
        [
          [2, outHeight, outWidth, 3],
          [...size, 4, 3],
        ],
        (x, filter) =>
          tf.conv2dTranspose(as4D(x), as4D(filter), [2, 8, 9, 4], strides, pad),
      );
    });
  },
);

describe.each(combinations([1, 2, 4], [1, 2, 3], ["valid", "same"] as const))(
  "filter %j, stride %j, pad %j",
  (size, stride, pad) => {
    test("conv1d", () => {
      expectGradientsSameAsCpu(
        [
          [2, 11, 3],
          [size, 3, 4],
        ],
        (x, filter) => tf.conv1d(as3D(x), as3D(filter), stride, pad),
      );
    });
  },
);

describe.each(
  combinations(
    [
      [1, 1, 1],
      [2, 3, 2],
      [3, 2, 4],
    ] as [number, number, number][],
    [1, 2, 3, [1, 2, 3], [3, 1, 2]] as (number | [number, number, number])[],
    ["valid", "same"] as const,
  ),
)("three dimensions: size %j, strides %j, pad %j", (size, strides, pad) => {
  test("conv3d", () => {
    expectGradientsSameAsCpu([VOLUME, [...size, 2, 3]], (x, filter) =>
      tf.conv3d(as5D(x), as5D(filter), strides, pad),
    );
  });

  test.each(["normal", "equal"])("maxPool3d of %s elements", (elements) => {
    const pool = (x: tf.Tensor) => tf.maxPool3d(as5D(x), size, strides, pad);
    const input = () =>
      elements === "equal" ? tf.fill(VOLUME, -3) : normal(VOLUME, 1);
    expectSameAsCpu(() => [pool(input())]);
    // The cpu backend finds the maximum only in windows that are as wide as high.
    if (size[1] === size[2])
      expectSameAsCpu(() => valueAndGradients([input()], pool));
  });

  test("maxPool3d has a gradient that gives each dy to the maximum of its window: ⟨dy, y⟩ = ⟨dx, x⟩", () => {
    const [forward, backward] = tf.tidy(() => {
      const x = normal(VOLUME, 1);
      const pool = (x: tf.Tensor) => tf.maxPool3d(as5D(x), size, strides, pad);
      const y = pool(x);
      const dy = normal(y.shape, 2);
      return [y.mul(dy).sum(), tf.grad(pool)(x, dy).mul(x).sum()].map(
        (sum) => sum.dataSync()[0]!,
      );
    });
    expect(backward).toBeCloseTo(forward!, 3);
  });

  test("avgPool3d", () => {
    expectGradientsSameAsCpu([VOLUME], (x) =>
      tf.avgPool3d(as5D(x), size, strides, pad),
    );
  });
});

describe("dilated", () => {
  const DILATIONS: readonly (number | Pair)[] = [2, 3, [1, 2]];

  test.each(combinations(SIZES, DILATIONS, PADS))(
    "conv2d, filter %j, dilations %j, pad %j; TensorFlow.js has no gradient for it",
    (size, dilations, pad) => {
      expectSameAsCpu(() => [
        tf.conv2d(
          as4D(normal([2, 15, 14, 3], 1)),
          as4D(normal([...size, 3, 4], 2)),
          1,
          padOf(pad),
          "NHWC",
          dilations,
        ),
        tf.depthwiseConv2d(
          as4D(normal([2, 15, 14, 3], 1)),
          as4D(normal([...size, 3, 2], 3)),
          1,
          padOf(pad),
          "NHWC",
          dilations,
        ),
      ]);
    },
  );

  test.each(
    combinations(["max", "avg"] as const, DILATIONS, [
      "valid",
      "same",
    ] as const),
  )("pool %s, dilations %j, pad %j", (type, dilations, pad) => {
    expectGradientsSameAsCpu([IMAGE], (x) =>
      tf.pool(as4D(x), [3, 2], type, pad, dilations, 1),
    );
  });

  test.each(
    combinations(
      STRIDES,
      [1, 2, [1, 2]] as (number | Pair)[],
      ["valid", "same"] as const,
    ),
  )(
    "dilation2d, strides %j, dilations %j, pad %j",
    (strides, dilations, pad) => {
      expectGradientsSameAsCpu([IMAGE, [3, 2, 3]], (x, filter) =>
        tf.dilation2d(
          as4D(x),
          as3D(filter),
          [strides, strides].flat().slice(0, 2) as Pair,
          pad,
          dilations,
        ),
      );
    },
  );
});
