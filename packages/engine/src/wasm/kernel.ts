import tf from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";

/** The arguments of a kernel of the wasm backend, typed for one kernel. */
export interface KernelCall<Inputs = object, Attributes = object> {
  readonly inputs: Inputs;
  readonly attrs: Attributes;
  readonly backend: BackendWasm;
}

export type Kernel<Inputs = object, Attributes = object> = (
  call: KernelCall<Inputs, Attributes>,
) => tf.TensorInfo;

/** Runs one kernel; see `compose`. */
export type Run = (
  kernel: string | Kernel,
  inputs: object,
  attributes?: object,
) => tf.TensorInfo;

/** The kernel that is registered now, before `setWasmKernel` replaces it. */
export const wasmKernel = (kernelName: string): Kernel =>
  tf.getKernel(kernelName, "wasm").kernelFunc as unknown as Kernel;

/** Replaces a kernel of the wasm backend, or adds one. The set-up of the replaced kernel is kept: the new one may call the old. */
export function setWasmKernel<Inputs, Attributes>(
  kernelName: string,
  kernel: Kernel<Inputs, Attributes>,
): void {
  const replaced = tf.getKernel(kernelName, "wasm") as
    tf.KernelConfig | undefined;
  if (replaced) tf.unregisterKernel(kernelName, "wasm");
  tf.registerKernel({
    ...replaced,
    kernelName,
    backendName: "wasm",
    kernelFunc: kernel as unknown as tf.KernelFunc,
  });
}

/**
 * A kernel made of other kernels. What `body` returns is the result; every other result of `run` is freed, since below the level of
 * ops there is no `tidy`.
 */
export function compose(
  backend: BackendWasm,
  body: (run: Run) => tf.TensorInfo,
): tf.TensorInfo {
  const intermediate = new Set<tf.TensorInfo>();
  try {
    const result = body((kernel, inputs, attrs = {}) => {
      const run = typeof kernel === "string" ? wasmKernel(kernel) : kernel;
      const info = run({ inputs, attrs, backend });
      intermediate.add(info);
      return info;
    });
    intermediate.delete(result);
    return result;
  } finally {
    for (const { dataId } of intermediate) backend.disposeData(dataId);
  }
}
