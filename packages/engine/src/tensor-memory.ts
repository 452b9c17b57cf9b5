import type tf from "@tensorflow/tfjs";

/** How float32 values get from an engine's tensors into memory of the caller's, and back. */
export interface TensorMemory {
  /** @param target as long as the tensor */
  read(tensor: tf.Tensor, target: Float32Array): void;
  /** A new tensor; the array stays the caller's, who may write into it at once. */
  create(values: Float32Array, shape: readonly number[]): tf.Tensor;
}

/** By what every backend has: it reads into an array of its own, and goes on using the array that a tensor is made of. */
export const plainMemory = (
  tensorflow: Pick<typeof tf, "tensor">,
): TensorMemory => ({
  read: (tensor, target) => target.set(tensor.dataSync()),
  create: (values, shape) =>
    tensorflow.tensor(values.slice(), [...shape], "float32"),
});
