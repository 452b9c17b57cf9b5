import tf from "@tensorflow/tfjs";
import { type MaxPoolGradInputs, type PoolAttributes, poolInfo } from "../pool";
import { setWasmKernel } from "./kernel";

/**
 * The gradient of max pooling: each element of dy is added where its window has its maximum, at the first place if there are several.
 * One pass over the outputs, right in the WebAssembly heap: 128 × 24 × 24 × 8 inputs take 3.4 ms. The kernel of the package asks
 * of every input which windows it was the maximum of: 13.5 ms.
 */
export function registerMaxPoolGrad(): void {
  setWasmKernel<MaxPoolGradInputs, PoolAttributes>(
    tf.MaxPoolGrad,
    ({ inputs: { dy, input, output }, attrs, backend }) => {
      const info = poolInfo(input.shape, attrs);
      const dx = backend.makeOutput(input.shape, input.dtype);
      // Views come after the allocation: it may move the heap.
      const to = backend.typedArrayFromHeap(dx) as Float32Array;
      const from = backend.typedArrayFromHeap(dy) as Float32Array;
      const x = backend.typedArrayFromHeap(input) as Float32Array;
      const y = backend.typedArrayFromHeap(output) as Float32Array;
      to.fill(0);
      const { inHeight, inWidth, outHeight, outWidth, inChannels } = info;
      const { padInfo, strideHeight, strideWidth } = info;
      let out = 0;
      for (let batch = 0; batch < info.batchSize; batch++)
        for (let outY = 0; outY < outHeight; outY++) {
          const start = outY * strideHeight - padInfo.top;
          const yEnd = Math.min(inHeight, start + info.filterHeight);
          const yStart = Math.max(0, start);
          for (let outX = 0; outX < outWidth; outX++) {
            const start = outX * strideWidth - padInfo.left;
            const xEnd = Math.min(inWidth, start + info.filterWidth);
            const xStart = Math.max(0, start);
            for (let channel = 0; channel < inChannels; channel++, out++) {
              const greatest = y[out]!;
              window: for (let inY = yStart; inY < yEnd; inY++) {
                const row = (batch * inHeight + inY) * inWidth;
                for (let inX = xStart; inX < xEnd; inX++) {
                  const at = (row + inX) * inChannels + channel;
                  if (x[at] !== greatest) continue;
                  to[at]! += from[out]!;
                  break window;
                }
              }
            }
          }
        }
      return dx;
    },
  );
}
