/**
 * What an algorithm may ask of the ranks around it, within one call. Ranks are those of the communicator.
 * Messages of one pair arrive in the order they were sent, so no step needs a number.
 */
export interface PointToPoint {
  readonly rank: number;
  readonly size: number;
  /**
   * Resolves when the transport has taken the message. Up to a segment's length `bytes` may be written to again as soon as this
   * returns; longer ones when it has resolved.
   */
  send(dest: number, bytes: Uint8Array): Promise<void>;
  /**
   * As `send`, without a copy: `bytes` must stay as they are until the receiver has them, which shows in what it sends because of
   * them. Of those of which nothing shows the call waits when it ends; whoever called may write to them then.
   */
  lend(dest: number, bytes: Uint8Array): Promise<void>;
  /** The next message from `source`; it belongs to the caller. Rejects if that rank is gone or makes another call. */
  receive(source: number): Promise<Uint8Array>;
}

/** Both at once, as neighbours do in a ring. */
export async function sendReceive(
  channel: PointToPoint,
  { dest, bytes, source }: { dest: number; bytes: Uint8Array; source: number },
): Promise<Uint8Array> {
  const [message] = await Promise.all([
    channel.receive(source),
    channel.send(dest, bytes),
  ]);
  return message;
}
