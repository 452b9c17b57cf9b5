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

// What a rank says: this is what I have of your lane; this part of mine is final; I have read all that you have shown.
const OFFERED = 0;
const FINAL = 1;
const READ = 2;

/** In place of a place: the elements follow. */
const NOWHERE = -1;

/** What it says of a block: one of these, where it lies, the failures of its rank, and which part of the buffer it is. */
type Note = [
  what: number,
  place: number,
  failures: number,
  start: number,
  end: number,
];
const LIKE_NOTE = new Float64Array(5);

/** A rank has left a call in which others read its memory. */
export class LeftError extends ProcessFailedError {
  constructor(readonly rank: number) {
    super(`rank ${rank} has left the call in its middle`);
  }
}

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

  /** What we have of a lane that the neighbour carries. */
  offer(lane: Block): Promise<void> {
    return this.#show(OFFERED, lane);
  }

  /** A part of our own lane, which is final. */
  show(block: Block): Promise<void> {
    return this.#show(FINAL, block);
  }

  #show(what: number, block: Block): Promise<void> {
    const { buffer, memory, rank } = this.#options;
    const { start, end } = block;
    if (this.#place === null)
      return this.#say([what, NOWHERE, 0, start, end], () =>
        this.#segmented.send(rank, block),
      );
    const place = this.#place + start * buffer.BYTES_PER_ELEMENT;
    return this.#say([what, place, memory!.failuresAt(place), start, end]);
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
      const note = await this.#note();
      const [what, , , start, end] = note;
      if (what === READ) awaitsReader = false;
      else if (what === OFFERED) {
        awaitsOffer = false;
        await offer!.after;
        this.#offered(await this.#shown(note, offer!.take));
      } else {
        const read = await this.#shown(note, replace);
        read?.(this.#options.buffer.subarray(start, end));
        left -= end - start;
        if (left === 0) await this.#say([READ, NOWHERE, 0, 0, 0]);
      }
    }
  }

  async #note(): Promise<Note> {
    const { channel, rank } = this.#options;
    const note = asElements(await channel.receive(rank), LIKE_NOTE);
    return note as unknown as Note;
  }

  /** One after another: nothing comes between a note and what follows it. */
  #say(note: Note, andThen?: () => Promise<void>): Promise<void> {
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
    [, place, failures, start, end]: Note,
    take: Take,
  ): Promise<Read | null> {
    const { buffer, memory, rank } = this.#options;
    if (place === NOWHERE) {
      await this.#segmented.receive(rank, { start, end }, take);
      return null;
    }
    const first = buffer.subarray(start, end).byteOffset;
    return (own) => {
      const at = place + own.byteOffset - first;
      take(own, asElements(memory!.at(at, own.byteLength), own), 0);
      if (memory!.failuresAt(place) !== failures) throw new LeftError(rank);
    };
  }
}
