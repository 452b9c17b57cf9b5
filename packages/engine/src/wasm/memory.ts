import tf from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { isFinite, type TensorMemory } from "../tensor-memory";

/** Right from the WebAssembly heap, and right into it. */
export const wasmMemory: TensorMemory = {
  isFinite: (tensor) => isFinite(onHeap(tensor)),
  read: (tensor, target) => target.set(onHeap(tensor)),
  // The backend copies what it is given.
  create: (values, shape) => tf.tensor(values, [...shape], "float32"),
};

const onHeap = (tensor: tf.Tensor): Float32Array =>
  (tf.backend() as BackendWasm).typedArrayFromHeap(tensor) as Float32Array;
