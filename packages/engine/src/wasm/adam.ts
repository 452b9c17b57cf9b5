import tf from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { type AdamConstants, type AdamWeight, useAdamStep } from "../adam";
import { compileAdamStep } from "./adam-step";
import { wasmMemory } from "./memory";
import type { WebAssemblyMemory } from "./web-assembly";

/** The step reads and writes whole vectors. */
const VECTOR_BYTES = 16;

/**
 * One pass over the weights: of a training step of 784-512-256-10 with batch 64, Adam took 9 ms of 23 before. Its results are new
 * buffers: clones of the weights share the old ones, and XNNPACK keeps packed weights by buffer.
 */
export function useWasmAdamStep(memory: WebAssemblyMemory): void {
  const step = compileAdamStep(memory);
  const stepWeight = (
    { value, first, second, gradient }: AdamWeight,
    constants: AdamConstants,
  ) => {
    const backend = tf.backend() as BackendWasm;
    const { _malloc: allocate } = backend.wasm as unknown as {
      readonly _malloc: (bytes: number) => number;
    };
    const weightBytes = 4 * value.size;
    const bytes = Math.ceil(weightBytes / VECTOR_BYTES) * VECTOR_BYTES;
    const result = () =>
      tf.engine().makeTensorFromTensorInfo(
        // Unsigned: an address above 2 GB comes back negative.
        backend.makeOutput(value.shape, "float32", allocate(bytes) >>> 0),
      );
    const inside =
      "dataId" in gradient
        ? gradient
        : wasmMemory.create(gradient, value.shape);
    const results = [result(), result(), result()] as const;
    const at = ({ dataId }: tf.TensorInfo) => backend.getMemoryOffset(dataId);
    step(
      at(value),
      at(inside),
      at(first),
      at(second),
      at(results[0]),
      at(results[1]),
      at(results[2]),
      bytes,
      ...constants,
    );
    value.assign(results[0]);
    first.assign(results[1]);
    second.assign(results[2]);
  };
  useAdamStep("wasm", (weights, constants) =>
    tf.tidy(() => {
      for (const weight of weights) stepWeight(weight, constants);
    }),
  );
}
