import { InternalError } from "@tsmpi/protocol";
import type { PointToPoint } from "./point-to-point";

/** Some ranks of a channel as a channel of their own; this rank is among them. They send nothing else to each other meanwhile. */
export const subgroup = (
  channel: PointToPoint,
  ranks: readonly number[],
): PointToPoint => ({
  rank: ranks.indexOf(channel.rank),
  size: ranks.length,
  send: (dest, bytes) => channel.send(ranks[dest]!, bytes),
  lend: (dest, bytes) => channel.lend(ranks[dest]!, bytes),
  receive: (source) => channel.receive(ranks[source]!),
});

/** Work that goes on at once over one channel: if one part of it fails none gets or sends anything more, nor writes to the buffer. */
export async function together(
  channel: PointToPoint,
  parts: (channel: PointToPoint) => readonly Promise<unknown>[],
): Promise<void> {
  let isOver = false;
  const assertGoesOn = (): void => {
    if (isOver) throw new InternalError("the call has failed");
  };
  const open: PointToPoint = {
    rank: channel.rank,
    size: channel.size,
    async send(dest, bytes) {
      assertGoesOn();
      await channel.send(dest, bytes);
    },
    async lend(dest, bytes) {
      assertGoesOn();
      await channel.lend(dest, bytes);
    },
    async receive(source) {
      const message = await channel.receive(source);
      assertGoesOn();
      return message;
    },
  };
  try {
    await Promise.all(parts(open));
  } finally {
    isOver = true;
  }
}
