import { theRuntime } from "./init";

/**
 * Streams bytes from rank 0 to every other rank through the coordinator's scatter service, in chunks and with flow control.
 * Every rank calls it. Blocks until this rank's bytes are here (rank 0: until all have been taken).
 *
 * @param blobs rank 0: for each rank the parts of its bytes, in order; elsewhere null
 * @returns this rank's bytes; at rank 0 null, since it has them
 */
export function streamRows(
  blobs: readonly (readonly Uint8Array[])[] | null,
): Uint8Array | null {
  const runtime = theRuntime();
  if (blobs === null)
    return runtime.request("receiveRows", null, (bytes) => bytes).wait();
  const others = blobs.map((parts, rank) =>
    rank === runtime.environment.rank ? null : parts,
  );
  runtime.request("scatterRows", { blobs: others }, () => undefined).wait();
  return null;
}
