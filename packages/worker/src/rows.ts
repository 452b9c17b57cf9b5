import { theRuntime } from "./init";

let scatters = 0;

/**
 * Streams bytes from rank 0 to every other rank through the coordinator's streams, in pieces and with flow control. Every rank
 * calls it. Blocks until this rank's bytes are here (rank 0: until all are on their way).
 *
 * @param blobs rank 0: for each rank the parts of its bytes, in order; elsewhere null
 * @param bytes of this rank
 * @returns this rank's bytes; at rank 0 null, since it has them
 */
export function streamRows(
  blobs: readonly (readonly Uint8Array[])[] | null,
  bytes: number,
): Uint8Array | null {
  const runtime = theRuntime();
  const stream = `rows ${scatters++}`;
  if (blobs === null) {
    const into = new Uint8Array(new SharedArrayBuffer(bytes));
    const finish = () => into;
    return runtime.request("receiveBytes", { stream, into }, finish).wait();
  }
  const others = blobs.map((parts, rank) =>
    rank === runtime.environment.rank ? null : parts,
  );
  const args = { stream, blobs: others };
  runtime.request("scatterBytes", args, () => undefined).wait();
  return null;
}
