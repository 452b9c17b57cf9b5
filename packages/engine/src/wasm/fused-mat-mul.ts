import tf from "@tensorflow/tfjs";
import { transposeLastTwo } from "./batch-mat-mul";
import { compose, setWasmKernel, wasmKernel, type Run } from "./kernel";

interface Inputs {
  /** [batch, rows, inner], or with the last two exchanged. */
  readonly a: tf.TensorInfo;
  /** [batch, inner, columns], or with the last two exchanged. */
  readonly b: tf.TensorInfo;
  readonly bias?: tf.TensorInfo;
  readonly preluActivationWeights?: tf.TensorInfo;
}
interface Attributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly activation: string;
  readonly leakyreluAlpha?: number;
}

/**
 * `tf.fused.matMul`, made correct: where a side is transposed or there is more than one matrix, the kernel of the package adds the
 * bias and applies the activation once per 48 elements of the inner dimension instead of once at the end. Here transposes
 * are made first, and a product of several matrices is followed by bias and activation as kernels of their own.
 */
export function registerFusedMatMul(): void {
  const fused = wasmKernel(tf._FusedMatMul);
  setWasmKernel<Inputs, Attributes>(
    tf._FusedMatMul,
    ({ inputs, attrs, backend }) =>
      compose(backend, (run) => {
        const { a, b } = inputs;
        const { transposeA, transposeB } = attrs;
        if (a.shape[0] !== 1 || b.shape[0] !== 1)
          return unfused(run, inputs, attrs);
        return run(
          fused,
          {
            ...inputs,
            a: transposeA ? transposeLastTwo(run, a) : a,
            b: transposeB ? transposeLastTwo(run, b) : b,
          },
          { ...attrs, transposeA: false, transposeB: false },
        );
      }),
  );
}

function unfused(
  run: Run,
  { a, b, bias, preluActivationWeights }: Inputs,
  { transposeA, transposeB, activation, leakyreluAlpha }: Attributes,
): tf.TensorInfo {
  const product = run(tf.BatchMatMul, { a, b }, { transposeA, transposeB });
  const x = bias ? run(tf.Add, { a: product, b: bias }) : product;
  switch (activation) {
    case "linear":
      return x;
    case "relu":
      return run(tf.Relu, { x });
    case "relu6":
      return run(tf.Relu6, { x });
    case "sigmoid":
      return run(tf.Sigmoid, { x });
    case "elu":
      return run(tf.Elu, { x });
    case "prelu":
      return run(tf.Prelu, { x, alpha: preluActivationWeights });
    case "leakyrelu":
      return run(tf.LeakyRelu, { x }, { alpha: leakyreluAlpha });
    default:
      throw new Error(`tf.fused.matMul knows no activation "${activation}"`);
  }
}
