import tf from "@tensorflow/tfjs";
import { compose, setWasmKernel } from "./kernel";
import { convolution, type ConvolutionAttributes } from "./convolution";

interface Inputs {
  /** [batch, height, width, inChannels] */
  readonly x: tf.TensorInfo;
  /** [batch, outHeight, outWidth, outChannels] */
  readonly dy: tf.TensorInfo;
}
type Attributes = ConvolutionAttributes & {
  /** [filterHeight, filterWidth, inChannels, outChannels] */
  readonly filterShape: [number, number, number, number];
};

/**
 * The gradient of a convolution with respect to its filter, which the wasm backend lacks, as a convolution again: the input is
 * convolved with dy as the filter, channels and batch exchanged, and the strides become dilations.
 *
 *     x   [batch, height, width, in]            → [in, height, width, batch]
 *     dy  [batch, outH, outW, out]              → [outH, outW, batch, out]
 *     convolution, stride 1, dilated by strides → [in, filterH (+), filterW (+), out]
 *                                               → [filterH, filterW, in, out]
 *
 * (+): and the rows that the strides of the forward pass never reached; they are cut off.
 */
export function registerConv2DBackpropFilter(): void {
  setWasmKernel<Inputs, Attributes>(
    tf.Conv2DBackpropFilter,
    ({ inputs: { x, dy }, attrs, backend }) =>
      compose(backend, (run) => {
        const { filterShape } = attrs;
        const { padInfo, strideHeight, strideWidth } = convolution(
          x.shape,
          filterShape,
          attrs,
        );
        const correlation = run(
          tf.Conv2D,
          {
            x: run(tf.Transpose, { x }, { perm: [3, 1, 2, 0] }),
            filter: run(tf.Transpose, { x: dy }, { perm: [1, 2, 0, 3] }),
          },
          {
            strides: 1,
            dilations: [strideHeight, strideWidth],
            pad: [
              [0, 0],
              [padInfo.top, padInfo.bottom],
              [padInfo.left, padInfo.right],
              [0, 0],
            ],
            dataFormat: "NHWC",
          },
        );
        const [filterHeight, filterWidth, inChannels, outChannels] =
          filterShape;
        const gradient = run(
          tf.Slice,
          { x: correlation },
          {
            begin: [0, 0, 0, 0],
            size: [inChannels, filterHeight, filterWidth, outChannels],
          },
        );
        return run(tf.Transpose, { x: gradient }, { perm: [1, 2, 0, 3] });
      }),
  );
}
