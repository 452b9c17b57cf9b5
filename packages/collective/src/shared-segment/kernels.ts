import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bytesPerElement, type Dtype, isFloat, viewAs } from "@tsmpi/protocol";
import { averageOver, kernelFor } from "../reduce-kernels";
import type { ReduceOp } from "../reduce-ops";

/** Reduces in the memory of a segment, by addresses in it: `target[i] = op(lower[i], higher[i])`. */
export interface SegmentKernel {
  readonly reduce: (
    target: number,
    lower: number,
    higher: number,
    bytes: number,
  ) => void;
  /** Of an average, behind the sum. */
  readonly divide: (target: number, bytes: number, ranks: number) => void;
}

type WasmFunction = (...numbers: readonly number[]) => number | undefined;

/** TypeScript has it in its library for browsers only. */
const { WebAssembly: wasm } = globalThis as unknown as {
  WebAssembly: {
    Module: new (bytes: Uint8Array) => object;
    Instance: new (
      module: object,
      imports: unknown,
    ) => { readonly exports: Readonly<Record<string, WasmFunction>> };
  };
};

/** Assembled from kernels-source.ts when this package is built. */
const ASSEMBLED = join(__dirname, "../../dist/kernels/kernels.wasm");

/** The reductions of one segment: SIMD where there are instructions for it, else JavaScript. */
export class SegmentKernels {
  readonly #memory: object;
  readonly #buffer: SharedArrayBuffer;
  #loaded: Readonly<Record<string, WasmFunction>> | null = null;
  readonly #kernels = new Map<ReduceOp, Map<Dtype, SegmentKernel>>();

  /** @param memory a shared WebAssembly.Memory */
  constructor(memory: { readonly buffer: SharedArrayBuffer }) {
    this.#memory = memory;
    this.#buffer = memory.buffer;
  }

  /** @throws {OpError} the op is not defined for this dtype */
  for(op: ReduceOp, dtype: Dtype): SegmentKernel {
    let ofOp = this.#kernels.get(op);
    if (ofOp === undefined) {
      ofOp = new Map<Dtype, SegmentKernel>();
      this.#kernels.set(op, ofOp);
    }
    let kernel = ofOp.get(dtype);
    if (kernel === undefined) ofOp.set(dtype, (kernel = this.#make(op, dtype)));
    return kernel;
  }

  copy(target: number, source: number, bytes: number): void {
    this.#functions["copy"]!(target, source, bytes);
  }

  /** Multiplies float32 values in place. @returns whether all products are finite */
  scale(target: number, bytes: number, factor: number): boolean {
    return this.#functions["scale_float32"]!(target, bytes, factor) === 1;
  }

  /** Compiled when the first one is needed, which takes a few milliseconds. */
  get #functions(): Readonly<Record<string, WasmFunction>> {
    return (this.#loaded ??= new wasm.Instance(
      new wasm.Module(readFileSync(ASSEMBLED)),
      { arena: { memory: this.#memory } },
    ).exports);
  }

  #make(op: ReduceOp, dtype: Dtype): SegmentKernel {
    const sum = op === "AVG" ? "SUM" : op;
    const inScript = this.#inScript(op, dtype);
    const divide = isFloat(dtype)
      ? this.#functions[`divide_${dtype}`]!
      : undefined;
    return {
      reduce: this.#functions[`${sum}_${dtype}`] ?? inScript.reduce,
      divide: divide
        ? (target, bytes, ranks) => divide(target, bytes, ranks)
        : inScript.divide,
    };
  }

  #inScript(op: ReduceOp, dtype: Dtype): SegmentKernel {
    const kernel = kernelFor(op, dtype);
    const view = (address: number, bytes: number) =>
      viewAs(dtype, this.#buffer, address, bytes / bytesPerElement(dtype));
    return {
      reduce: (target, lower, higher, bytes) =>
        kernel(view(target, bytes), view(lower, bytes), view(higher, bytes)),
      divide: (target, bytes, ranks) =>
        averageOver(ranks, view(target, bytes), dtype),
    };
  }
}
