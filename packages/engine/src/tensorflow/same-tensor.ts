import tf from "@tensorflow/tfjs";
import type { NodeBackend } from "./backend";
import { setTensorflowKernel } from "./kernel";

interface Inputs {
  readonly x: tf.TensorInfo;
}

/**
 * A cast to the type that a tensor has, and a reshape to its shape, hand the tensor on, as on the other backends; tfjs-node asks
 * TensorFlow for a new one. The gradients of TensorFlow.js are full of them: 17 of the 84 ops of a training step of an MLP.
 */
export function registerSameTensor(): void {
  setTensorflowKernel<Inputs, { readonly dtype: tf.DataType }>(
    tf.Cast,
    (replaced) => (call) =>
      call.attrs.dtype === call.inputs.x.dtype
        ? handOn(call.inputs.x, call.backend)
        : replaced(call),
  );
  setTensorflowKernel<Inputs, { readonly shape: readonly number[] }>(
    tf.Reshape,
    (replaced) => (call) =>
      tf.util.arraysEqual(call.attrs.shape as number[], call.inputs.x.shape)
        ? handOn(call.inputs.x, call.backend)
        : replaced(call),
  );
}

function handOn(
  { dataId, shape, dtype }: tf.TensorInfo,
  backend: NodeBackend,
): tf.TensorInfo {
  backend.incRef(dataId);
  return { dataId, shape, dtype };
}
