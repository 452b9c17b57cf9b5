import { setImmediate } from "node:timers/promises";

/** A longer message leaves in parts. Not shorter than the segments of algorithms. */
export const PART_BYTES = 4 << 20;

interface Part {
  readonly payload: Uint8Array;
  /** Of a part: the bytes of the whole, else 0. */
  readonly extent: number;
  /** See `PointToPoint.lend`. */
  readonly isLent: boolean;
}

type Post = (dest: number, part: Part) => Promise<void>;

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
  send(dest: number, payload: Uint8Array, isLent: boolean): Promise<void> {
    const before = this.#underWay.get(dest);
    if (payload.byteLength > PART_BYTES)
      return this.#sendBehind(before, dest, { payload, isLent });
    return before
      ? this.#sendBehind(before, dest, {
          payload: isLent ? payload : payload.slice(),
          isLent,
        })
      : this.#post(dest, { payload, isLent, extent: 0 });
  }

  #sendBehind(
    before: Promise<void> = Promise.resolve(),
    dest: number,
    whole: Omit<Part, "extent">,
  ): Promise<void> {
    const sent = before.then(() => this.#sendParts(dest, whole));
    this.#underWay.set(dest, sent);
    const forget = (): void => {
      if (this.#underWay.get(dest) === sent) this.#underWay.delete(dest);
    };
    sent.then(forget, forget);
    return sent;
  }

  async #sendParts(
    dest: number,
    { payload, isLent }: Omit<Part, "extent">,
  ): Promise<void> {
    const { byteLength } = payload;
    const extent = byteLength <= PART_BYTES ? 0 : byteLength;
    for (let at = 0; at === 0 || at < byteLength; at += PART_BYTES) {
      const part = payload.subarray(at, at + PART_BYTES);
      await this.#post(dest, { payload: part, isLent, extent });
      await setImmediate();
    }
  }
}
