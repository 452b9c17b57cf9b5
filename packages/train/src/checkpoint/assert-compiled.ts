import { ArgumentError } from "@tsmpi/protocol";
import type { Optimizer } from "@tensorflow/tfjs";

/** @throws {ArgumentError} there is no optimizer, contrary to the types: the model is not compiled */
export function assertCompiled(
  call: string,
  optimizer: Optimizer | undefined,
): void {
  if (!optimizer)
    throw new ArgumentError(
      `${call}: the model is not compiled; compile it first, or pass the optimizer`,
    );
}
