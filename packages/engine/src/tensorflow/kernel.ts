import tf from "@tensorflow/tfjs";
import type { NodeBackend } from "./backend";

/** The arguments of a kernel of tfjs-node's backend, typed for one kernel. */
export interface KernelCall<Inputs = object, Attributes = object> {
  readonly inputs: Inputs;
  readonly attrs: Attributes;
  readonly backend: NodeBackend;
}

type Kernel<Inputs, Attributes> = (
  call: KernelCall<Inputs, Attributes>,
) => tf.TensorInfo | tf.TensorInfo[];

/**
 * Replaces a kernel of tfjs-node's backend, or adds one.
 *
 * @param make gets the replaced one, for what the new one leaves to it
 */
export function setTensorflowKernel<Inputs, Attributes>(
  kernelName: string,
  make: (replaced: Kernel<Inputs, Attributes>) => Kernel<Inputs, Attributes>,
): void {
  const replaced = tf.getKernel(kernelName, "tensorflow") as
    tf.KernelConfig | undefined;
  if (replaced) tf.unregisterKernel(kernelName, "tensorflow");
  tf.registerKernel({
    kernelName,
    backendName: "tensorflow",
    kernelFunc: make(
      replaced?.kernelFunc as unknown as Kernel<Inputs, Attributes>,
    ) as unknown as tf.KernelFunc,
  });
}
