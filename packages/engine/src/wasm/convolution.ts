import tf from "@tensorflow/tfjs";

type Parameters4D = Parameters<typeof tf.backend_util.computeConv2DInfo>;

/** The attributes that the kernels of a convolution's two gradients have in common. */
export interface ConvolutionAttributes {
  readonly strides: Parameters4D[2];
  readonly pad: Parameters4D[4];
  readonly dataFormat: "NHWC" | "NCHW";
  readonly dimRoundingMode?: Parameters4D[5];
}

/** Shapes, strides and padding of the forward pass. */
export function convolution(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dataFormat, dimRoundingMode }: ConvolutionAttributes,
): tf.backend_util.Conv2DInfo {
  if (dataFormat === "NCHW")
    throw new Error(
      'the wasm engine computes convolutions with dataFormat "NHWC" (channelsLast) only',
    );
  return tf.backend_util.computeConv2DInfo(
    inputShape as Parameters4D[0],
    filterShape as Parameters4D[1],
    strides,
    1,
    pad,
    dimRoundingMode,
  );
}
