import type tf from "@tensorflow/tfjs";

/** How float32 values get from an engine's tensors into memory of the caller's, and back. */
export interface TensorMemory {
  /** Of a float32 tensor. */
  isFinite(tensor: tf.Tensor): boolean;
  /** @param target as long as the tensor */
  read(tensor: tf.Tensor, target: Float32Array): void;
  /** A new tensor; the array stays the caller's, who may write into it at once. */
  create(values: Float32Array, shape: readonly number[]): tf.Tensor;
}

/** By what every backend has: it reads into an array of its own, and goes on using the array that a tensor is made of. */
export const plainMemory = (
  tensorflow: Pick<typeof tf, "tensor">,
): TensorMemory => ({
  isFinite: (tensor) => isFinite(tensor.dataSync() as Float32Array),
  read: (tensor, target) => target.set(tensor.dataSync()),
  create: (values, shape) =>
    tensorflow.tensor(values.slice(), [...shape], "float32"),
});

/** The sum of float32 values cannot overflow a double. */
export function isFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return Number.isFinite(sum);
}
