import { bytesOf } from "@tsmpi/protocol";
import { theRuntime } from "./init";

/**
 * Multiplies float32 values in place, with SIMD in memory from `MPI.Alloc_mem`. The factor is rounded to float32.
 *
 * @returns whether all products are finite
 */
export function scale(values: Float32Array, factor: number): boolean {
  const { arena, kernels } = theRuntime();
  const address = arena.addressOf(bytesOf(values));
  return address === null
    ? scaleInScript(values, factor)
    : kernels.scale(address, values.byteLength, factor);
}

/** The sum of float32 values cannot overflow a double. */
function scaleInScript(values: Float32Array, factor: number): boolean {
  const rounded = Math.fround(factor);
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    values[i]! *= rounded;
    sum += values[i]!;
  }
  return Number.isFinite(sum);
}
