import { assert } from "@tsmpi/protocol";
import { defineBroadcast } from "../algorithm";
import { LENGTH_BYTES, readLength, writeLength } from "../block-list";
import type { PointToPoint } from "../point-to-point";
import { SEGMENT_BYTES, segmentsOf } from "../segments";

/**
 * Chain broadcast: the bytes go from rank to rank in segments, each passed on while the next one arrives. Nobody sends more
 * than the bytes once. Best for very large ones: more segments than ranks, so that the whole chain is busy.
 *
 *               rank 0    rank 1    rank 2
 *     start     a b c
 *     step 1    a b c     a                      a: 0 -> 1
 *     step 2    a b c     a b       a            a: 1 -> 2, b: 0 -> 1
 *     step 3    a b c     a b c     a b          b: 1 -> 2, c: 0 -> 1
 *     step 4    a b c     a b c     a b c        c: 1 -> 2
 *
 * The first segment says how many bytes there are, since only the root knows.
 *
 * Source: Pješivac-Grbović et al., Cluster Comput. 10(2), 2007. doi:10.1007/s10586-007-0012-0
 */
export const broadcastChain = defineBroadcast({
  name: "chain",
  cost: {
    steps: (size) => size - 1,
    sends({ rank, size, root, count }) {
      const { next } = neighbours({ rank, size }, root);
      const messages = segmentsOf({ start: 0, end: count }, SEGMENT_BYTES);
      return next === null
        ? []
        : [
            {
              to: next,
              messages: messages.length,
              bytes: LENGTH_BYTES + count,
            },
          ];
    },
  },

  async run(channel, bytes, root) {
    const { previous, next } = neighbours(channel, root);
    if (previous !== null) return relay(channel, previous, next);
    assert(bytes !== null, "the root of a broadcast has no bytes");
    if (next === null) return bytes;
    const [first, ...rest] = segmentsOf(
      { start: 0, end: bytes.byteLength },
      SEGMENT_BYTES,
    ).map(({ start, end }) => bytes.subarray(start, end));
    await channel.send(next, withLength(first!, bytes.byteLength));
    for (const segment of rest) await channel.lend(next, segment);
    return bytes;
  },
});

/** Passes every message on as it is, and puts the bytes together. */
async function relay(
  channel: PointToPoint,
  previous: number,
  next: number | null,
): Promise<Uint8Array> {
  const first = await channel.receive(previous);
  if (next !== null) await channel.lend(next, first);
  const all = new Uint8Array(readLength(first, 0));
  all.set(first.subarray(LENGTH_BYTES));
  let at = first.byteLength - LENGTH_BYTES;
  while (at < all.byteLength) {
    const segment = await channel.receive(previous);
    if (next !== null) await channel.lend(next, segment);
    all.set(segment, at);
    at += segment.byteLength;
  }
  return all;
}

function withLength(segment: Uint8Array, length: number): Uint8Array {
  const message = new Uint8Array(LENGTH_BYTES + segment.byteLength);
  writeLength(message, 0, length);
  message.set(segment, LENGTH_BYTES);
  return message;
}

/** The chain begins at the root and goes to the right. */
const neighbours = (
  { rank, size }: { readonly rank: number; readonly size: number },
  root: number,
): { previous: number | null; next: number | null } => ({
  previous: rank === root ? null : (rank + size - 1) % size,
  next: (rank + 1) % size === root ? null : (rank + 1) % size,
});
