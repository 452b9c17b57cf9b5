import tf from "@tensorflow/tfjs";

type Pool = Parameters<typeof tf.backend_util.computePool2DInfo>;

/** Of the kernel that is the gradient of max pooling. */
export interface MaxPoolGradInputs {
  /** [batch, outHeight, outWidth, channels] */
  readonly dy: tf.TensorInfo;
  /** [batch, height, width, channels] */
  readonly input: tf.TensorInfo;
  /** Of the forward pass: the shape of dy. */
  readonly output: tf.TensorInfo;
}
export interface PoolAttributes {
  readonly filterSize: Pool[1];
  readonly strides: Pool[2];
  readonly pad: Pool[4];
  readonly dimRoundingMode?: Pool[5];
}

export const poolInfo = (
  inputShape: readonly number[],
  { filterSize, strides, pad, dimRoundingMode }: PoolAttributes,
): tf.backend_util.Conv2DInfo =>
  tf.backend_util.computePool2DInfo(
    inputShape as Pool[0],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
