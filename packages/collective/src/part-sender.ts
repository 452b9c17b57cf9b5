import { setImmediate } from "node:timers/promises";

/** A longer message leaves in parts. Not shorter than the segments of algorithms. */
const PART_BYTES = 4 << 20;

/** @param extent of a part: the bytes of the whole, else 0 */
type Post = (
  dest: number,
  payload: Uint8Array,
  extent: number,
) => Promise<void>;

/**
 * Sends long messages in parts, with turns of the event loop in between: a thread that copies for seconds looks dead. What is sent
 * to one rank stays in order.
 */
export class PartSender {
  readonly #post: Post;
  /** World ranks to which a long message is on its way, until it has left: what is sent to them comes behind it. */
  readonly #underWay = new Map<number, Promise<void>>();

  constructor(post: Post) {
    this.#post = post;
  }

  /** @param dest world rank */
  send(dest: number, bytes: Uint8Array): Promise<void> {
    const before = this.#underWay.get(dest);
    if (bytes.byteLength > PART_BYTES)
      return this.#sendBehind(before ?? Promise.resolve(), dest, bytes);
    return before
      ? this.#sendBehind(before, dest, bytes.slice())
      : this.#post(dest, bytes, 0);
  }

  #sendBehind(
    before: Promise<void>,
    dest: number,
    bytes: Uint8Array,
  ): Promise<void> {
    const sent = before.then(() => this.#sendParts(dest, bytes));
    this.#underWay.set(dest, sent);
    const forget = (): void => {
      if (this.#underWay.get(dest) === sent) this.#underWay.delete(dest);
    };
    sent.then(forget, forget);
    return sent;
  }

  async #sendParts(dest: number, bytes: Uint8Array): Promise<void> {
    const { byteLength } = bytes;
    const extent = byteLength <= PART_BYTES ? 0 : byteLength;
    for (let at = 0; at === 0 || at < byteLength; at += PART_BYTES) {
      await this.#post(dest, bytes.subarray(at, at + PART_BYTES), extent);
      await setImmediate();
    }
  }
}
