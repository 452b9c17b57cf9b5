import tf from "@tensorflow/tfjs";

/** dy where x is positive, else 0. */
export const RELU_GRAD = "TsmpiReluGrad";

const reluGrad = (dy: tf.Tensor, x: tf.Tensor): tf.Tensor =>
  tf.engine().runKernel(RELU_GRAD, { dy, x });

let isUsed = false;

/**
 * From now on the gradient of relu is the kernel `RELU_GRAD` on a backend that has one, instead of three ops or more over arrays of ones
 * and zeros. Where x is NaN it is what that kernel says: TensorFlow's says 0 · dy.
 */
export function useReluGradKernels(): void {
  if (isUsed) return;
  isUsed = true;
  const { gradFunc, ...relu } = tf.getGradient(tf.Relu);
  tf.registerGradient({
    ...relu,
    gradFunc: (dy, saved, attributes) =>
      (tf.getKernel(RELU_GRAD, tf.getBackend()) as unknown)
        ? { x: () => reluGrad(dy as tf.Tensor, saved[0]!) }
        : gradFunc(dy, saved, attributes),
  });
  // For gradients of gradients.
  tf.registerGradient({
    kernelName: RELU_GRAD,
    inputsToSave: ["x"],
    gradFunc: (ddy, [x]) => ({
      dy: () => reluGrad(ddy as tf.Tensor, x!),
      x: () => tf.zerosLike(x!),
    }),
  });
}
