import { kernelFor, type ReduceOp } from "@tsmpi/collective";
import type { Dtype } from "@tsmpi/protocol";

/** Whether the op is defined for the dtype: then there is a kernel. */
export function isDefined(op: ReduceOp, dtype: Dtype): boolean {
  try {
    return Boolean(kernelFor(op, dtype));
  } catch {
    return false;
  }
}
