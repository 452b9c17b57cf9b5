import { ArgumentError, dtypeOf, type TypedArray } from "@tsmpi/protocol";
import type { CallDescription } from "../call-signature";
import type { Compression } from "./registry";

/** @throws {ArgumentError} the call cannot be compressed; says why, and what to do */
export function assertCompressible(
  compression: Compression,
  { dtype, op }: Pick<CallDescription, "dtype" | "op">,
): void {
  if (dtype !== "float32")
    throw new ArgumentError(
      `compression ${compression} is for float32, and the buffer is ${dtype}: it would not come out as it should; copy it to a Float32Array, or leave compression out`,
    );
  if (op !== "SUM" && op !== "AVG")
    throw new ArgumentError(
      `compression ${compression} is for MPI.SUM and MPI.AVG, not for ${op === "user" || !op ? "an op of the user's" : op}; leave compression out`,
    );
}

/** @throws {ArgumentError} it is none */
export function asFloat32(array: TypedArray): Float32Array {
  if (isFloat32(array)) return array;
  throw new ArgumentError("compression is for buffers of float32");
}

const isFloat32 = (array: TypedArray): array is Float32Array =>
  dtypeOf(array) === "float32";
