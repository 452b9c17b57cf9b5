import tf from "@tensorflow/tfjs";
import { cpuKernel } from "./cpu-kernels";
import { compose, setWasmKernel, type Kernel } from "./kernel";

type Pool = Parameters<typeof tf.backend_util.computePool3DInfo>;
type Shape5D = [number, number, number, number, number];

interface Inputs {
  /** [batch, depth, height, width, channels] */
  readonly x: tf.TensorInfo;
}
interface Attributes {
  readonly filterSize: Pool[1];
  readonly strides: Pool[2];
  readonly pad: Pool[4];
  readonly dimRoundingMode?: Pool[5];
  readonly dataFormat?: Pool[6];
}

/**
 * Max pooling over three dimensions: over height and width, then over depth, by the kernel for two. That of the package starts from
 * the least positive number and so takes every window without a positive element for 1.2e-38.
 */
export function registerMaxPool3D(): void {
  const onCpu = cpuKernel(tf.MaxPool3D) as Kernel;
  setWasmKernel<Inputs, Attributes>(
    tf.MaxPool3D,
    ({ inputs, attrs, backend }) => {
      const { x } = inputs;
      const { filterSize, strides, pad, dimRoundingMode, dataFormat } = attrs;
      const info = tf.backend_util.computePool3DInfo(
        x.shape as Shape5D,
        filterSize,
        strides,
        1,
        pad,
        dimRoundingMode,
        dataFormat,
      );
      const { batchSize, inDepth, inHeight, inWidth, inChannels } = info;
      const { outDepth, outHeight, outWidth, padInfo } = info;
      // Where strides exceed the filter, "same" comes to a negative padding in TensorFlow.js: the first elements are left out.
      if (Math.min(padInfo.front, padInfo.top, padInfo.left) < 0)
        return onCpu({ inputs, attrs, backend });
      return compose(backend, (run) => {
        const reshape = (x: tf.TensorInfo, shape: number[]) =>
          run(tf.Reshape, { x }, { shape });
        const frames = run(
          tf.MaxPool,
          {
            x: reshape(x, [batchSize * inDepth, inHeight, inWidth, inChannels]),
          },
          {
            filterSize: [info.filterHeight, info.filterWidth],
            strides: [info.strideHeight, info.strideWidth],
            pad: [
              [0, 0],
              [padInfo.top, padInfo.bottom],
              [padInfo.left, padInfo.right],
              [0, 0],
            ],
            dimRoundingMode: "floor",
          },
        );
        const columns = run(
          tf.MaxPool,
          {
            x: reshape(frames, [
              batchSize,
              inDepth,
              outHeight * outWidth,
              inChannels,
            ]),
          },
          {
            filterSize: [info.filterDepth, 1],
            strides: [info.strideDepth, 1],
            pad: [
              [0, 0],
              [padInfo.front, padInfo.back],
              [0, 0],
              [0, 0],
            ],
            dimRoundingMode: "floor",
          },
        );
        return reshape(columns, [
          batchSize,
          outDepth,
          outHeight,
          outWidth,
          inChannels,
        ]);
      });
    },
  );
}
