import tf from "@tensorflow/tfjs";
import { compose, setWasmKernel, wasmKernel, type Run } from "./kernel";

interface Inputs {
  readonly a: tf.TensorInfo;
  readonly b: tf.TensorInfo;
}
interface Attributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/**
 * Matrix products with a transposed side, as every gradient of a dense layer has two. The kernel of the package takes XNNPACK only
 * if nothing is transposed, and a scalar loop otherwise. Here the transpose is made first: 784 × 64 by 64 × 512 takes 1.5 ms
 * instead of 29.
 */
export function registerBatchMatMul(): void {
  const multiply = wasmKernel(tf.BatchMatMul);
  setWasmKernel<Inputs, Attributes>(
    tf.BatchMatMul,
    ({ inputs: { a, b }, attrs: { transposeA, transposeB }, backend }) =>
      compose(backend, (run) =>
        run(
          multiply,
          {
            a: transposeA ? transposeLastTwo(run, a) : a,
            b: transposeB ? transposeLastTwo(run, b) : b,
          },
          { transposeA: false, transposeB: false },
        ),
      ),
  );
}

/** Transposes each matrix of a stack of them. */
export function transposeLastTwo(run: Run, x: tf.TensorInfo): tf.TensorInfo {
  const perm = x.shape.map((_, axis) => axis);
  perm.push(...perm.splice(-2).reverse());
  return run(tf.Transpose, { x }, { perm });
}
