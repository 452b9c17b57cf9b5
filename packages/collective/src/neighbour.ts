import {
  type Block,
  bytesOf,
  lengthOf,
  ProcessFailedError,
  type TypedArray,
} from "@tsmpi/protocol";
import { asElements } from "./as-elements";
import type { HostMemory } from "./hosts";
import type { PointToPoint } from "./point-to-point";
import { replace, SegmentedBuffer, type Take } from "./segmented-buffer";

// In place of a place: the elements follow; the sender has read what it was shown.
const ELSEWHERE = -1;
const HAVE_READ = -2;

/** What a rank says of a block: where it lies, the failures of that rank, and which part of the buffer it is. */
const NOTE = new Float64Array(4);

/** Takes in a part of what a neighbour has shown: `own` is its place in this rank's buffer. */
export type Read = (own: TypedArray) => void;

export interface NeighbourOptions {
  readonly channel: PointToPoint;
  readonly rank: number;
  readonly buffer: TypedArray;
  readonly unit?: number;
  readonly memory: HostMemory | null;
}

/** Of a lane that this rank carries. */
export interface Offer {
  readonly lane: Block;
  /** What becomes of the neighbour's elements. */
  readonly take: Take;
  /** Only then they may be taken in. */
  readonly after: Promise<unknown>;
}

/**
 * Another rank of this host, in one call, with a buffer as long as ours: the two show each other blocks, where they lie in memory
 * that both see, or else the blocks themselves. What is shown stays as it is until the other has read it.
 */
export class Neighbour {
  readonly #options: NeighbourOptions;
  readonly #segmented: SegmentedBuffer;
  /** Where our buffer lies. */
  readonly #place: number | null;
  /** All that has been shown so far has been sent. */
  #sent: Promise<void> = Promise.resolve();
  #offered!: (read: Read | null) => void;
  /** How to read what it has of our lane; null: all of it has been taken in as it came. */
  readonly offered = new Promise<Read | null>((resolve) => {
    this.#offered = resolve;
  });

  constructor(options: NeighbourOptions) {
    const { channel, buffer, unit, memory } = options;
    this.#options = options;
    this.#segmented = new SegmentedBuffer(channel, buffer, unit);
    this.#place = memory?.placeOf(bytesOf(buffer)) ?? null;
  }

  show(block: Block): Promise<void> {
    const { buffer, memory, rank } = this.#options;
    const { start, end } = block;
    if (this.#place === null)
      return this.#say([ELSEWHERE, 0, start, end], () =>
        this.#segmented.send(rank, block),
      );
    const place = this.#place + start * buffer.BYTES_PER_ELEMENT;
    return this.#say([place, memory!.failuresAt(place), start, end]);
  }

  /**
   * Hears all that it has to say.
   *
   * @param offer if this rank carries a lane: the neighbour shows what it has of it, and reads what becomes of it
   * @param lane of the neighbour, if it carries one: it shows that part by part, when they are final
   */
  async hear(offer: Offer | null, lane: Block | null): Promise<void> {
    let left = lane ? lengthOf(lane) : 0;
    let [awaitsOffer, awaitsReader] = [offer !== null, offer !== null];
    while (left > 0 || awaitsOffer || awaitsReader) {
      const [place, failures, start, end] = await this.#note();
      if (place === HAVE_READ) awaitsReader = false;
      else if (awaitsOffer && start === offer!.lane.start) {
        awaitsOffer = false;
        await offer!.after;
        this.#offered(
          await this.#shown(place, failures, { start, end }, offer!.take),
        );
      } else {
        const block = { start, end };
        const read = await this.#shown(place, failures, block, replace);
        read?.(this.#options.buffer.subarray(start, end));
        left -= lengthOf(block);
        if (left === 0) await this.#say([HAVE_READ, 0, 0, 0]);
      }
    }
  }

  async #note(): Promise<[number, number, number, number]> {
    const { channel, rank } = this.#options;
    const note = asElements(await channel.receive(rank), NOTE);
    return note as unknown as [number, number, number, number];
  }

  /** One after another: nothing comes between a note and what follows it. */
  #say(
    note: readonly [number, number, number, number],
    andThen?: () => Promise<void>,
  ): Promise<void> {
    const { channel, rank } = this.#options;
    this.#sent = this.#sent.then(async () => {
      await channel.send(rank, bytesOf(Float64Array.from(note)));
      await andThen?.();
    });
    // Whoever waits for it hears of it; nobody may.
    this.#sent.catch(() => {});
    return this.#sent;
  }

  async #shown(
    place: number,
    failures: number,
    block: Block,
    take: Take,
  ): Promise<Read | null> {
    const { buffer, memory, rank } = this.#options;
    if (place === ELSEWHERE) {
      await this.#segmented.receive(rank, block, take);
      return null;
    }
    const first = buffer.subarray(block.start, block.end).byteOffset;
    return (own) => {
      const at = place + own.byteOffset - first;
      take(own, asElements(memory!.at(at, own.byteLength), own), 0);
      if (memory!.failuresAt(place) !== failures)
        throw new ProcessFailedError(
          `rank ${rank} has left the call in its middle`,
        );
    };
  }
}
