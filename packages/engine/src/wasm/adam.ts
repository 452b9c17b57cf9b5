import tf from "@tensorflow/tfjs";
import {
  ADAM_STEP,
  adamConstants,
  type AdamAttributes,
  type AdamInputs,
} from "../adam";
import { compileAdamStep } from "./adam-step";
import { setWasmKernel } from "./kernel";
import type { WebAssemblyMemory } from "./web-assembly";

/** The step reads and writes whole vectors. */
const VECTOR_BYTES = 16;

/**
 * One pass over the weights: of a training step of 784-512-256-10 with batch 64, Adam took 9 ms of 23 before. Its results are new
 * buffers: clones of the weights share the old ones, and XNNPACK keeps packed weights by buffer.
 */
export function registerAdamStep(memory: WebAssemblyMemory): void {
  const step = compileAdamStep(memory);
  setWasmKernel<AdamInputs, AdamAttributes>(
    ADAM_STEP,
    ({ inputs: { value, gradient, first, second }, attrs, backend }) => {
      const { _malloc: allocate } = backend.wasm as unknown as {
        readonly _malloc: (bytes: number) => number;
      };
      const weightBytes = 4 * tf.util.sizeFromShape(value.shape);
      const bytes = Math.ceil(weightBytes / VECTOR_BYTES) * VECTOR_BYTES;
      const result = () =>
        // Unsigned: an address above 2 GB comes back negative.
        backend.makeOutput(value.shape, "float32", allocate(bytes) >>> 0);
      const results = [result(), result(), result()] as const;
      const at = ({ dataId }: tf.TensorInfo) => backend.getMemoryOffset(dataId);
      step(
        at(value),
        at(gradient),
        at(first),
        at(second),
        at(results[0]),
        at(results[1]),
        at(results[2]),
        bytes,
        ...adamConstants(attrs),
      );
      // A kernel of several results returns an array; its type here speaks of the usual one.
      return results as unknown as tf.TensorInfo;
    },
  );
}
