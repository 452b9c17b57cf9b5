import tf from "@tensorflow/tfjs";
import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";

/**
 * TensorFlow.js' plain JavaScript backend, without the banner that it prints on its first tensor ("Hi, looks like you are running
 * TensorFlow.js in Node.js"). `tf.enableProdMode()` would silence it as well, and every other warning of TensorFlow.js with it.
 */
export function quietCpuBackend(): MathBackendCPU {
  const backend = tf.findBackend("cpu") as MathBackendCPU;
  (backend as unknown as { firstUse: boolean }).firstUse = false;
  return backend;
}
