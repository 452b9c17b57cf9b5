import { bytesOf, type Dtype, type TypedArray } from "@tsmpi/protocol";
import { type Kernel, kernelFor } from "./reduce-kernels";
import type { ReduceOp } from "./reduce-ops";
import { SegmentKernels } from "./shared-segment/kernels";

/** Less is not worth the way into WebAssembly. */
const LEAST_BYTES = 4 << 10;

/** Part of an arena that nobody else uses. */
export interface Stage {
  readonly address: number;
  /** A multiple of every vector. */
  readonly bytes: number;
}

/**
 * Reduces what has arrived into what lies in an arena, with the kernels that work in there: piece by piece, which go to a stage
 * small enough for a processor's cache. Bits are those of `kernelFor`, which does what lies elsewhere.
 */
export class StagedKernels {
  readonly #buffer: SharedArrayBuffer;
  readonly #stage: Stage;
  readonly #staged: Buffer;
  readonly #kernels: SegmentKernels;

  /** @param memory a shared WebAssembly.Memory */
  constructor(memory: { readonly buffer: SharedArrayBuffer }, stage: Stage) {
    this.#buffer = memory.buffer;
    this.#stage = stage;
    this.#staged = Buffer.from(memory.buffer, stage.address, stage.bytes);
    this.#kernels = new SegmentKernels(memory);
  }

  /** @throws {OpError} the op is unknown, or not defined for this dtype */
  for(op: ReduceOp, dtype: Dtype): Kernel {
    const inScript = kernelFor(op, dtype);
    return (target, lower, higher) => {
      const isOurs = target.buffer === this.#buffer;
      if (isOurs && target.byteLength >= LEAST_BYTES)
        this.#reduce(
          this.#kernels.for(op, dtype).reduce,
          target,
          lower,
          higher,
        );
      else inScript(target, lower, higher);
    };
  }

  #reduce(
    reduce: ReturnType<SegmentKernels["for"]>["reduce"],
    target: TypedArray,
    lower: TypedArray,
    higher: TypedArray,
  ): void {
    const { byteLength } = target;
    for (let at = 0; at < byteLength; at += this.#stage.bytes) {
      const bytes = Math.min(this.#stage.bytes, byteLength - at);
      const place = (array: TypedArray): number =>
        array.buffer === this.#buffer
          ? array.byteOffset + at
          : this.#put(bytesOf(array).subarray(at, at + bytes));
      reduce(target.byteOffset + at, place(lower), place(higher), bytes);
    }
  }

  /** At most one of the two operands lies elsewhere: the other one is the target. */
  #put(piece: Uint8Array): number {
    this.#staged.fill(piece, 0, piece.byteLength);
    return this.#stage.address;
  }
}
