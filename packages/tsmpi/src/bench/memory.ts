import { type Dtype, type TypedArray } from "@tsmpi/protocol";
import { MPI } from "@tsmpi/worker";
import { ownArray } from "./benchmark";
import type { Buffers } from "./settings";

/** Hands out buffers of one kind and dtype, and takes them back all at once. */
export function memoryOf(
  kind: Buffers,
  dtype: Dtype,
): {
  readonly allocate: (length: number) => TypedArray;
  readonly close: () => void;
} {
  const lent: TypedArray[] = [];
  const { constructor } = ownArray(dtype, 0);
  const allocate = (length: number): TypedArray => {
    if (kind === "ordinary") return ownArray(dtype, length);
    const buffer = MPI.Alloc_mem(
      constructor as new (length: number) => TypedArray,
      length,
    );
    lent.push(buffer);
    return buffer;
  };
  return {
    allocate,
    close: () => lent.forEach((buffer) => MPI.Free_mem(buffer)),
  };
}
