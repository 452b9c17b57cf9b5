import tf from "@tensorflow/tfjs";
import { setWasmKernel } from "./kernel";

type Pool = Parameters<typeof tf.backend_util.computePool3DInfo>;

interface Inputs {
  /** [batch, outDepth, outHeight, outWidth, channels] */
  readonly dy: tf.TensorInfo;
  /** [batch, depth, height, width, channels] */
  readonly input: tf.TensorInfo;
  /** Of the forward pass: the shape of dy. */
  readonly output: tf.TensorInfo;
}
interface Attributes {
  readonly filterSize: Pool[1];
  readonly strides: Pool[2];
  readonly pad: Pool[4];
  readonly dimRoundingMode?: Pool[5];
}

/**
 * The gradient of max pooling over three dimensions: each element of dy is added where its window has its maximum, at the last place
 * if there are several, as TensorFlow.js has it in three dimensions. The kernel of the package misses negative maxima.
 */
export function registerMaxPool3DGrad(): void {
  setWasmKernel<Inputs, Attributes>(
    tf.MaxPool3DGrad,
    ({ inputs: { dy, input, output }, attrs, backend }) => {
      const { filterSize, strides, pad, dimRoundingMode } = attrs;
      const info = tf.backend_util.computePool3DInfo(
        input.shape as Pool[0],
        filterSize,
        strides,
        1,
        pad,
        dimRoundingMode,
      );
      const dx = backend.makeOutput(input.shape, input.dtype);
      // Views come after the allocation: it may move the heap.
      const to = backend.typedArrayFromHeap(dx) as Float32Array;
      const from = backend.typedArrayFromHeap(dy) as Float32Array;
      const x = backend.typedArrayFromHeap(input) as Float32Array;
      const y = backend.typedArrayFromHeap(output) as Float32Array;
      to.fill(0);
      const { inDepth, inHeight, inWidth, inChannels, padInfo } = info;
      let out = 0;
      for (let batch = 0; batch < info.batchSize; batch++)
        for (let outZ = 0; outZ < info.outDepth; outZ++) {
          const z = outZ * info.strideDepth - padInfo.front;
          const zEnd = Math.min(inDepth, z + info.filterDepth);
          for (let outY = 0; outY < info.outHeight; outY++) {
            const row = outY * info.strideHeight - padInfo.top;
            const yEnd = Math.min(inHeight, row + info.filterHeight);
            for (let outX = 0; outX < info.outWidth; outX++) {
              const column = outX * info.strideWidth - padInfo.left;
              const xEnd = Math.min(inWidth, column + info.filterWidth);
              for (let channel = 0; channel < inChannels; channel++, out++) {
                const greatest = y[out]!;
                window: for (let inZ = zEnd - 1; inZ >= Math.max(0, z); inZ--)
                  for (let inY = yEnd - 1; inY >= Math.max(0, row); inY--) {
                    const line =
                      ((batch * inDepth + inZ) * inHeight + inY) * inWidth;
                    for (
                      let inX = xEnd - 1;
                      inX >= Math.max(0, column);
                      inX--
                    ) {
                      const at = (line + inX) * inChannels + channel;
                      if (x[at] !== greatest) continue;
                      to[at]! += from[out]!;
                      break window;
                    }
                  }
              }
            }
          }
        }
      return dx;
    },
  );
}
