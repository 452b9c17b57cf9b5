import tf from "@tensorflow/tfjs";
import { quietCpuBackend } from "../cpu-backend";
import { setWasmKernel, type Kernel } from "./kernel";

/** Named, except for Einsum, which takes an array. */
type Inputs =
  readonly tf.TensorInfo[] | Readonly<Record<string, tf.TensorInfo>>;

/** Complex numbers cannot cross: the wasm backend has no storage for them. */
const COMPLEX: ReadonlySet<string> = new Set([
  tf.Complex,
  tf.ComplexAbs,
  tf.Real,
  tf.Imag,
  tf.FFT,
  tf.IFFT,
]);

/** The package's start from the least positive number where they mean the least of all, and so miss every negative maximum. */
const WRONG: readonly string[] = [
  tf.Dilation2D,
  tf.Dilation2DBackpropFilter,
  tf.Dilation2DBackpropInput,
];

/**
 * Gives the wasm backend the kernels that only the cpu backend has: the gradients of depthwise convolutions, Einsum and others; and
 * those that the package has wrong. As slow as the cpu backend, and right.
 */
export function registerCpuKernels(): void {
  const present = new Set(
    tf.getKernelsForBackend("wasm").map(({ kernelName }) => kernelName),
  );
  for (const kernelName of WRONG) present.delete(kernelName);
  for (const { kernelName } of tf.getKernelsForBackend("cpu"))
    if (!present.has(kernelName) && !COMPLEX.has(kernelName))
      setWasmKernel(kernelName, cpuKernel(kernelName));
}

/**
 * The kernel of the cpu backend, run on copies there; what it returns is copied back. Given tensors of the wasm backend itself, the
 * cpu backend would move them to its own storage for good.
 */
export function cpuKernel(kernelName: string): Kernel<Inputs, tf.NamedAttrMap> {
  const { kernelFunc } = tf.getKernel(kernelName, "cpu");
  const cpu = quietCpuBackend();
  return ({ inputs, attrs, backend }) => {
    const copies = Object.entries(inputs).map(
      ([name, { dataId, shape, dtype }]) => {
        const values = backend.readSync(dataId) as tf.TypedArray;
        const copy = cpu.makeTensorInfo(shape, dtype, values);
        // Dilation2D's gradients ask for the rank, which only tensors have.
        return [name, Object.assign(copy, { rank: shape.length })] as const;
      },
    );
    const onCpu = Object.assign(
      Array.isArray(inputs) ? [] : {},
      Object.fromEntries(copies),
    ) as tf.NamedTensorInfoMap;
    const results = kernelFunc({ inputs: onCpu, attrs, backend: cpu });
    const [first, ...others] = [results].flat().map((result) => {
      const { dataId, shape, dtype } = result;
      const values = cpu.readSync(dataId);
      cpu.disposeIntermediateTensorInfo(result);
      return { dataId: backend.write(values, shape, dtype), shape, dtype };
    });
    for (const [, copy] of copies) cpu.disposeIntermediateTensorInfo(copy);
    // A kernel of several results returns an array; its type here speaks of the usual one.
    return (
      Array.isArray(results) ? [first, ...others] : first
    ) as tf.TensorInfo;
  };
}
