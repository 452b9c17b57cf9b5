import {
  assertCompressible,
  type Compression,
  compressionNamed,
  type ReduceCall,
  type WantedCompression,
} from "@tsmpi/collective";
import { ArgumentError, CountError, dtypeOf } from "@tsmpi/protocol";

/**
 * How a reduction is to be compressed; null: not at all.
 *
 * @param call null if its op is a user's
 * @throws {UnknownNameError | ArgumentError | CountError}
 */
export function readCompression(
  wanted: WantedCompression | null,
  residual: Float32Array | null,
  call: ReduceCall | null,
): Compression | null {
  const compression = compressionNamed(wanted ?? "none");
  if (compression === "none") {
    if (residual === null) return null;
    throw new ArgumentError(
      "residual is what compression leaves out; say which compression, or leave it out",
    );
  }
  assertCompressible(compression, call ?? { dtype: "float32", op: "user" });
  if (residual === null) return compression;
  if (dtypeOf(residual) !== "float32")
    throw new ArgumentError("residual must be a Float32Array");
  if (residual.length !== call!.count)
    throw new CountError(
      `residual has ${residual.length} elements, and must have as many as the buffer: ${call!.count}`,
    );
  return compression;
}
