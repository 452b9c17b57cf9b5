import tf from "@tensorflow/tfjs";
import { setWasmKernel } from "./kernel";

interface Inputs {
  /** [n, …row] or, with ids of more dimensions, [...ids, …row]. */
  readonly x: tf.TensorInfo;
  readonly segmentIds: tf.TensorInfo;
}
interface Attributes {
  readonly numSegments: number;
}

/**
 * The gradient of gather, and so of an embedding: adds each row of `x` to the row of the result that its id names. Rows whose id is
 * no row of the result are dropped. One pass over `x`, where the kernel of the cpu backend makes one per segment.
 */
export function registerUnsortedSegmentSum(): void {
  setWasmKernel<Inputs, Attributes>(
    tf.UnsortedSegmentSum,
    ({ inputs: { x, segmentIds }, attrs: { numSegments }, backend }) => {
      const row = x.shape.slice(segmentIds.shape.length);
      const sums = backend.makeOutput([numSegments, ...row], x.dtype);
      // Views come after the allocation: it may move the heap.
      const to = backend.typedArrayFromHeap(sums);
      const from = backend.typedArrayFromHeap(x);
      const ids = backend.typedArrayFromHeap(segmentIds);
      const width = tf.util.sizeFromShape(row);
      to.fill(0);
      // A row whose id is none of the result lies outside of `to`, where a typed array takes no write.
      for (let n = 0; n < ids.length; n++) {
        const id = ids[n]!;
        for (let i = 0; i < width; i++)
          to[id * width + i]! += from[n * width + i]!;
      }
      return sums;
    },
  );
}
