import tf from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorMemory } from "../tensor-memory";

/** Right from the WebAssembly heap, and right into it. */
export const wasmMemory: TensorMemory = {
  read: (tensor, target) =>
    target.set((tf.backend() as BackendWasm).typedArrayFromHeap(tensor)),
  // The backend copies what it is given.
  create: (values, shape) => tf.tensor(values, [...shape], "float32"),
};
