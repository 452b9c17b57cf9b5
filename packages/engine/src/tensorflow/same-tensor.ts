import tf from "@tensorflow/tfjs";
import type { Binding, NodeBackend } from "./backend";
import { setTensorflowKernel } from "./kernel";

interface Inputs {
  readonly x: tf.TensorInfo;
}

/**
 * A cast to the type that a tensor has, and a reshape to its shape, hand the tensor on, as on the other backends; another shape is
 * only that. tfjs-node asks TensorFlow for a new tensor each time, for a shape with a tensor that holds it. The gradients of TensorFlow.js are full of them: 26 of the 84 ops of a training step of an MLP.
 */
export function registerSameTensor({ reshaped, TF_FLOAT }: Binding): void {
  setTensorflowKernel<Inputs, { readonly dtype: tf.DataType }>(
    tf.Cast,
    (replaced) => (call) =>
      call.attrs.dtype === call.inputs.x.dtype
        ? handOn(call.inputs.x, call.backend)
        : replaced(call),
  );
  setTensorflowKernel<Inputs, { readonly shape: readonly number[] }>(
    tf.Reshape,
    (replaced) => (call) => {
      const { attrs, inputs, backend } = call;
      const { x } = inputs;
      const shape = attrs.shape as number[];
      if (tf.util.arraysEqual(shape, x.shape)) return handOn(x, backend);
      // -1 is left to TensorFlow.
      if (!reshaped || x.dtype !== "float32" || shape.includes(-1))
        return replaced(call);
      const [id] = backend.getInputTensorIds([x]);
      return backend.createOutputTensor({
        ...{
          id: reshaped(id!, Int32Array.from(shape)),
          shape,
          dtype: TF_FLOAT,
        },
      });
    },
  );
}

function handOn(
  { dataId, shape, dtype }: tf.TensorInfo,
  backend: NodeBackend,
): tf.TensorInfo {
  backend.incRef(dataId);
  return { dataId, shape, dtype };
}
