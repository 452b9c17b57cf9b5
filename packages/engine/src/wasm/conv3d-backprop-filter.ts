import tf from "@tensorflow/tfjs";
import {
  asFrames,
  slices,
  type Convolution3DAttributes,
} from "./convolution-3d";
import { cpuKernel } from "./cpu-kernels";
import { compose, setWasmKernel, type Kernel } from "./kernel";

interface Inputs {
  /** [batch, depth, height, width, inChannels] */
  readonly x: tf.TensorInfo;
  /** [batch, outDepth, outHeight, outWidth, outChannels] */
  readonly dy: tf.TensorInfo;
}
type Attributes = Convolution3DAttributes & {
  /** [filterDepth, filterHeight, filterWidth, inChannels, outChannels] */
  readonly filterShape: [number, number, number, number, number];
};

/**
 * The gradient of conv3d with respect to its filter, by that of conv2d for each slice of the filter's depth. The kernel of the
 * package leaves out the last window where strides or padding do not divide.
 */
export function registerConv3DBackpropFilter(): void {
  const onCpu = cpuKernel(tf.Conv3DBackpropFilterV2) as Kernel;
  setWasmKernel<Inputs, Attributes>(
    tf.Conv3DBackpropFilterV2,
    ({ inputs, attrs, backend }) =>
      compose(backend, (run) => {
        const { x, dy } = inputs;
        const [filterDepth, ...filterShape] = attrs.filterShape;
        const { info, isCut, paddedDepth, attributes } = slices(
          x.shape,
          attrs.filterShape,
          attrs,
        );
        if (isCut) return run(onCpu, inputs, attrs);
        const { inDepth, padInfo, outDepth, strideDepth } = info;
        const padded = run(
          tf.PadV2,
          { x },
          {
            paddings: [
              [0, 0],
              [padInfo.front, paddedDepth - padInfo.front - inDepth],
              [0, 0],
              [0, 0],
              [0, 0],
            ],
            constantValue: 0,
          },
        );
        const dyFrames = asFrames(run, dy);
        const gradients = Array.from({ length: filterDepth }, (_, k) => {
          const met = run(
            tf.StridedSlice,
            { x: padded },
            {
              begin: [0, k, 0, 0, 0],
              end: [
                info.batchSize,
                k + (outDepth - 1) * strideDepth + 1,
                ...x.shape.slice(2),
              ],
              strides: [1, strideDepth, 1, 1, 1],
              ...{ beginMask: 0, endMask: 0, ellipsisMask: 0 },
              ...{ newAxisMask: 0, shrinkAxisMask: 0 },
            },
          );
          return run(
            tf.Conv2DBackpropFilter,
            { x: asFrames(run, met), dy: dyFrames },
            { ...attributes, filterShape },
          );
        });
        return run(tf.Pack, gradients, { axis: 0 });
      }),
  );
}
