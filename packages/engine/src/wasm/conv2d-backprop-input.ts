import tf from "@tensorflow/tfjs";
import { convolution, type ConvolutionAttributes } from "./convolution";
import { compose, setWasmKernel, wasmKernel, type Run } from "./kernel";

interface Inputs {
  /** [batch, outHeight, outWidth, outChannels] */
  readonly dy: tf.TensorInfo;
  /** [filterHeight, filterWidth, inChannels, outChannels] */
  readonly filter: tf.TensorInfo;
}
type Attributes = ConvolutionAttributes & {
  /** [batch, height, width, inChannels] */
  readonly inputShape: [number, number, number, number];
};

/** Above this many, most of the products would be with zeros; the scalar loop wins. */
const MOST_STRIDES = 4;

/**
 * The gradient of a convolution with respect to its input, as a convolution again, which XNNPACK does; the kernel of the package is a
 * scalar loop. dy, with strides − 1 zeros between its elements and padded to full overlap, is convolved with the filter
 * turned by 180°, channels exchanged.
 */
export function registerConv2DBackpropInput(): void {
  const scalarLoop = wasmKernel(tf.Conv2DBackpropInput);
  setWasmKernel<Inputs, Attributes>(
    tf.Conv2DBackpropInput,
    ({ inputs, attrs, backend }) =>
      compose(backend, (run) => {
        const { dy, filter } = inputs;
        const { padInfo, inHeight, inWidth, strideHeight, strideWidth } =
          convolution(attrs.inputShape, filter.shape, attrs);
        const [filterHeight, filterWidth] = filter.shape as [number, number];
        const [, outHeight, outWidth] = dy.shape as [number, number, number];
        const spread = {
          height: (outHeight - 1) * strideHeight + 1,
          width: (outWidth - 1) * strideWidth + 1,
        };
        const top = filterHeight - 1 - padInfo.top;
        const left = filterWidth - 1 - padInfo.left;
        const bottom = inHeight + filterHeight - 1 - spread.height - top;
        const right = inWidth + filterWidth - 1 - spread.width - left;
        // Negative: the forward pass padded by more than the filter reaches.
        if (
          Math.min(top, left, bottom, right) < 0 ||
          strideHeight * strideWidth > MOST_STRIDES
        )
          return run(scalarLoop, inputs, attrs);

        const turned = run(tf.Reverse, { x: filter }, { dims: [0, 1] });
        return run(
          tf.Conv2D,
          {
            x: spreadOut(run, dy, strideHeight, strideWidth),
            filter: run(tf.Transpose, { x: turned }, { perm: [0, 1, 3, 2] }),
          },
          {
            strides: 1,
            dilations: 1,
            pad: [
              [0, 0],
              [top, bottom],
              [left, right],
              [0, 0],
            ],
            dataFormat: "NHWC",
          },
        );
      }),
  );
}

/** [batch, h, w, c] → [batch, (h − 1) · strideHeight + 1, (w − 1) · strideWidth + 1, c], zeros between the elements. */
function spreadOut(
  run: Run,
  x: tf.TensorInfo,
  strideHeight: number,
  strideWidth: number,
): tf.TensorInfo {
  if (strideHeight === 1 && strideWidth === 1) return x;
  const [batch, height, width, channels] = x.shape as [
    number,
    number,
    number,
    number,
  ];
  const apart = run(
    tf.Reshape,
    { x },
    { shape: [batch, height, 1, width, 1, channels] },
  );
  const padded = run(
    tf.PadV2,
    { x: apart },
    {
      paddings: [
        [0, 0],
        [0, 0],
        [0, strideHeight - 1],
        [0, 0],
        [0, strideWidth - 1],
        [0, 0],
      ],
      constantValue: 0,
    },
  );
  const joined = run(
    tf.Reshape,
    { x: padded },
    { shape: [batch, height * strideHeight, width * strideWidth, channels] },
  );
  return run(
    tf.Slice,
    { x: joined },
    {
      begin: [0, 0, 0, 0],
      size: [
        batch,
        (height - 1) * strideHeight + 1,
        (width - 1) * strideWidth + 1,
        channels,
      ],
    },
  );
}
