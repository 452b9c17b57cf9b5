import tf from "@tensorflow/tfjs";
import type { Run } from "./kernel";

type Parameters5D = Parameters<typeof tf.backend_util.computeConv3DInfo>;

/** The attributes that the kernels of a three-dimensional convolution's two gradients have in common. */
export interface Convolution3DAttributes {
  readonly strides: Parameters5D[2];
  readonly pad: Parameters5D[4];
}

/**
 * A convolution over depth, height and width as one over height and width for each slice of the filter's depth: the slice k meets
 * the frames k, k + stride, k + 2 · stride, … of the input, padded in its depth.
 */
export interface Slices {
  readonly info: tf.backend_util.Conv3DInfo;
  /** Where strides exceed the filter, "same" comes to a negative padding in TensorFlow.js: the first elements are left out. */
  readonly isCut: boolean;
  /** Depth of the padded input. */
  readonly paddedDepth: number;
  /** Of the convolutions over height and width. */
  readonly attributes: object;
}

export function slices(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad }: Convolution3DAttributes,
): Slices {
  const info = tf.backend_util.computeConv3DInfo(
    inputShape as Parameters5D[0],
    filterShape as Parameters5D[1],
    strides,
    1,
    pad,
  );
  const { padInfo, strideHeight, strideWidth } = info;
  return {
    info,
    isCut: Math.min(padInfo.front, padInfo.top, padInfo.left) < 0,
    paddedDepth: padInfo.front + info.inDepth + padInfo.back,
    attributes: {
      strides: [strideHeight, strideWidth],
      pad: [
        [0, 0],
        [padInfo.top, padInfo.bottom],
        [padInfo.left, padInfo.right],
        [0, 0],
      ],
      dataFormat: "NHWC",
      dimRoundingMode: "floor",
    },
  };
}

/** A tensor of which each element of the first two dimensions is a frame, as one batch of frames. */
export function asFrames(run: Run, x: tf.TensorInfo): tf.TensorInfo {
  const [batch, depth, ...frame] = x.shape as [number, number, ...number[]];
  return run(tf.Reshape, { x }, { shape: [batch * depth, ...frame] });
}
