import tf from "@tensorflow/tfjs";
import {
  asFrames,
  slices,
  type Convolution3DAttributes,
} from "./convolution-3d";
import { cpuKernel } from "./cpu-kernels";
import { compose, setWasmKernel, type Kernel } from "./kernel";

interface Inputs {
  /** [batch, outDepth, outHeight, outWidth, outChannels] */
  readonly dy: tf.TensorInfo;
  /** [filterDepth, filterHeight, filterWidth, inChannels, outChannels] */
  readonly filter: tf.TensorInfo;
}
type Attributes = Convolution3DAttributes & {
  /** [batch, depth, height, width, inChannels] */
  readonly inputShape: [number, number, number, number, number];
};

/**
 * The gradient of conv3d with respect to its input, by that of conv2d for each slice of the filter's depth: what slice k gives goes
 * to the frames k, k + stride, … and all slices are added. The kernel of the package takes the wrong windows.
 */
export function registerConv3DBackpropInput(): void {
  const onCpu = cpuKernel(tf.Conv3DBackpropInputV2) as Kernel;
  setWasmKernel<Inputs, Attributes>(
    tf.Conv3DBackpropInputV2,
    ({ inputs, attrs, backend }) =>
      compose(backend, (run) => {
        const { dy, filter } = inputs;
        const { inputShape } = attrs;
        const [batch, inDepth, ...frame] = inputShape;
        const [filterDepth, ...filterShape] = filter.shape as [
          number,
          ...number[],
        ];
        const { info, isCut, paddedDepth, attributes } = slices(
          inputShape,
          filter.shape,
          attrs,
        );
        if (isCut) return run(onCpu, inputs, attrs);
        const { outDepth, padInfo, strideDepth } = info;
        const numbers = tf.util.sizeFromShape(frame);
        const dyFrames = asFrames(run, dy);
        const pad = (
          x: tf.TensorInfo,
          paddings: readonly (readonly [number, number])[],
        ) => run(tf.PadV2, { x }, { paddings, constantValue: 0 });
        const reshape = (x: tf.TensorInfo, shape: number[]) =>
          run(tf.Reshape, { x }, { shape });
        const cut = (x: tf.TensorInfo, begin: number, depth: number) =>
          run(
            tf.Slice,
            { x },
            { begin: [0, begin, 0], size: [batch, depth, numbers] },
          );

        const reach = (outDepth - 1) * strideDepth + 1;
        const gradients = Array.from({ length: filterDepth }, (_, k) => {
          const slice = run(
            tf.Slice,
            { x: filter },
            { begin: [k, 0, 0, 0, 0], size: [1, ...filterShape] },
          );
          const given = run(
            tf.Conv2DBackpropInput,
            { dy: dyFrames, filter: reshape(slice, filterShape) },
            { ...attributes, inputShape: [batch * outDepth, ...frame] },
          );
          const apart = pad(reshape(given, [batch, outDepth, 1, numbers]), [
            [0, 0],
            [0, 0],
            [0, strideDepth - 1],
            [0, 0],
          ]);
          const frames = cut(
            reshape(apart, [batch, outDepth * strideDepth, numbers]),
            0,
            reach,
          );
          return pad(frames, [
            [0, 0],
            [k, paddedDepth - k - reach],
            [0, 0],
          ]);
        });
        const sum = run(tf.AddN, gradients);
        return reshape(cut(sum, padInfo.front, inDepth), inputShape);
      }),
  );
}
