import tf from "@tensorflow/tfjs";
import { plainMemory, type TensorMemory } from "../tensor-memory";
import { type Binding, nodeBackend } from "./backend";

/** By one copy each way; a binding that is not `tsrun setup`'s takes two, and one more array. */
export function tensorflowMemory({
  isFinite,
  tensorInto,
  tensorCopyOf,
  TF_FLOAT,
}: Binding): TensorMemory {
  if (!isFinite || !tensorInto || !tensorCopyOf) return plainMemory(tf);
  return {
    isFinite: (tensor) => isFinite(idOf(tensor)),
    read: (tensor, target) => tensorInto(idOf(tensor), target),
    create(values, shape) {
      const id = tensorCopyOf(Int32Array.from(shape), values);
      return nodeBackend().createOutputTensor({ id, shape, dtype: TF_FLOAT });
    },
  };
}

const idOf = (tensor: tf.Tensor): number =>
  nodeBackend().getInputTensorIds([tensor])[0]!;
