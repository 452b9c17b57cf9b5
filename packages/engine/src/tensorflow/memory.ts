import tf from "@tensorflow/tfjs";
import { plainMemory, type TensorMemory } from "../tensor-memory";
import { type Binding, nodeBackend } from "./backend";

/** By one copy each way; a binding that is not `tsrun setup`'s takes two, and one more array. */
export function tensorflowMemory({
  tensorInto,
  tensorCopyOf,
  TF_FLOAT,
}: Binding): TensorMemory {
  if (!tensorInto || !tensorCopyOf) return plainMemory(tf);
  return {
    read(tensor, target) {
      const [id] = nodeBackend().getInputTensorIds([tensor]);
      tensorInto(id!, target);
    },
    create(values, shape) {
      const id = tensorCopyOf(Int32Array.from(shape), values);
      return nodeBackend().createOutputTensor({ id, shape, dtype: TF_FLOAT });
    },
  };
}
