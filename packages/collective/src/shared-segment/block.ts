import type { CallSignature } from "@tsmpi/protocol";
import type { Steps, Waiting } from "./steps";

/** Words that different ranks write to lie this far apart, so that they do not share a cache line. In words. */
const LINE = 16;

// Of the block.
const GATE = 0;
const COMMITTED = LINE;
const SLEEPERS = 2 * LINE;
const ARRIVED = 3 * LINE;
const TURN = 4 * LINE;
const BROKEN = 5 * LINE;
const DISPUTED = 6 * LINE;
const SLOTS = 7 * LINE;

// Of a rank's slot: what it does, and what it says of its calls, of two in turn.
const IN_CALL = 0;
const LAST_CALL = 1;
const LAST_CARD = 2;
const CHANGED_AT = 3;
const USE = 4;
const CARDS = LINE;
const CARD_WORDS = LINE;
const SLOT_WORDS = CARDS + 2 * CARD_WORDS;

// Of a card.
const KIND = 0;
const ROOT = 1;
const COUNT_LOW = 2;
const COUNT_HIGH = 3;
const DIGEST = 4;
const ADDRESS = 5;
const STAGE = 6;
const BYTES_LOW = 7;
const BYTES_HIGH = 8;

/** Of what a rank hands to the others along with its card, twice. */
export const INLINE_BYTES = 2 << 10;

const WORD_BYTES = Int32Array.BYTES_PER_ELEMENT;

// The gate: number of the call, then whether it is diverted, then how many ranks have come.
const DIVERTED = 1 << 8;
const COUNT_MASK = DIVERTED - 1;
const NUMBER_SHIFT = 9;
const NUMBERS = 2 ** (32 - NUMBER_SHIFT);

/** No more ranks than this share a segment. */
export const MOST_LOCAL_RANKS = COUNT_MASK;

const NO_ROOT = -1;
const NO_CALL = -1;

/** What a communicator is to a rank. */
const FREED = 1;
const LEFT = 2;

export const blockBytes = (size: number): number =>
  SLOTS * WORD_BYTES + size * (SLOT_WORDS * WORD_BYTES + 2 * INLINE_BYTES);

/** In place of an address in the segment: the bytes lie in memory of their rank's own. */
export const ELSEWHERE = 0;

/** What a rank brings to a call. What these mean is the algorithm's. */
export interface Brought {
  /** Where its bytes lie in the segment, or ELSEWHERE. */
  readonly address: number;
  /** Where they pass through it. */
  readonly stage: number;
  readonly bytes: number;
}
export const NOTHING: Brought = { address: ELSEWHERE, stage: 0, bytes: 0 };

/** The call of a rank that it has come to last. */
export interface LastCall {
  readonly number: number;
  readonly call: CallSignature;
  /** The rank is through with it, or makes it over the network. */
  readonly isOver: boolean;
  /** How long it has been in it, or out of it. */
  readonly ageMs: number;
}

export interface BlockOptions {
  /** Memory that all ranks of the communicator see, at the same places. */
  readonly memory: SharedArrayBuffer;
  /** Where in it the block begins. */
  readonly offset: number;
  readonly rank: number;
  readonly size: number;
  /** Wakes whoever sleeps until a word, by its index, has changed. */
  readonly wake: (index: number) => void;
}

/**
 * Where the ranks of a communicator meet in shared memory. Every call passes the gate: it is made here if all ranks come to it
 * (it is *committed*), or over the network, if one of them says so before (it is *diverted*). All ranks see the same of the two.
 *
 *     | gate | committed | sleepers | barrier: arrived, turn | broken | disputed | slot of rank 0 … p − 1 | inline bytes |
 *
 * What a rank says of a call and brings to it is on one of two cards, in turn: who is through with a call may come to the next
 * one while others still read.
 */
export class SegmentBlock {
  readonly offset: number;
  readonly rank: number;
  readonly size: number;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #bytes: Uint8Array<SharedArrayBuffer>;
  readonly #first: number;
  readonly #inline: number;
  readonly #wake: (index: number) => void;
  /** Calls that were committed: the same on every rank. */
  #committed = 0;
  readonly #waiting: { index: number; value: number } = { index: 0, value: 0 };

  constructor({ memory, offset, rank, size, wake }: BlockOptions) {
    this.offset = offset;
    this.rank = rank;
    this.size = size;
    this.#words = new Int32Array(memory);
    this.#bytes = new Uint8Array(memory);
    this.#first = offset / WORD_BYTES;
    this.#inline = offset + (SLOTS + size * SLOT_WORDS) * WORD_BYTES;
    this.#wake = wake;
  }

  /** Before anybody else sees it. */
  clear(): void {
    const start = this.#first * WORD_BYTES;
    this.#bytes.fill(0, start, this.#inline);
    this.#words[this.#first + COMMITTED] = NO_CALL;
  }

  /** This rank makes its calls elsewhere from now on. */
  free(): void {
    Atomics.store(this.#words, this.#slot(this.rank) + USE, FREED);
  }
  hasFreed(rank: number): boolean {
    return Atomics.load(this.#words, this.#slot(rank) + USE) >= FREED;
  }
  /** This rank has seen that all have freed it, and looks here no more. */
  leaveForGood(): void {
    Atomics.store(this.#words, this.#slot(this.rank) + USE, LEFT);
  }
  hasLeft(rank: number): boolean {
    return Atomics.load(this.#words, this.#slot(rank) + USE) === LEFT;
  }

  /**
   * Comes to a call, whose numbers grow, and waits for the others.
   *
   * @returns false: it is made over the network
   */
  *arrive(
    number: number,
    call: CallSignature,
    brought: Brought,
  ): Steps<boolean> {
    if (this.isBroken || this.isDisputed) {
      this.divert(number);
      return false;
    }
    this.#writeCard(call, brought);
    this.#enter(number);
    this.#come(number);
    let gate = this.#load(GATE);
    while (this.#isOpen(number, gate)) {
      yield this.#until(GATE, gate);
      gate = this.#load(GATE);
    }
    const isCommitted = this.#isCommitted(number, gate);
    if (isCommitted) this.#committed++;
    // Where ranks differ the network finds out how, and tells everybody.
    if (isCommitted && this.#areAlike) return true;
    this.leave();
    return false;
  }

  #enter(number: number): void {
    const own = this.#slot(this.rank);
    this.#words[own + LAST_CALL] = (number + 1) | 0;
    this.#words[own + LAST_CARD] = this.#committed & 1;
    this.#words[own + CHANGED_AT] = Date.now() | 0;
    Atomics.store(this.#words, own + IN_CALL, (number + 1) | 0);
  }

  /** This rank is through with the call. */
  leave(): void {
    const own = this.#slot(this.rank);
    this.#words[own + CHANGED_AT] = Date.now() | 0;
    Atomics.store(this.#words, own + IN_CALL, 0);
  }

  /** For people; null before the first one. */
  get lastCall(): LastCall | null {
    const words = this.#words;
    const own = this.#slot(this.rank);
    const number = words[own + LAST_CALL]! - 1;
    if (number < 0) return null;
    const card = own + CARDS + this.#cardOf(words[own + LAST_CARD]!);
    return {
      number,
      call: callOn(words.subarray(card, card + CARD_WORDS)),
      isOver: Atomics.load(words, own + IN_CALL) === 0,
      ageMs: (Date.now() - words[own + CHANGED_AT]!) >>> 0,
    };
  }

  /** Whether a rank is in this call here right now. */
  isIn(rank: number, number: number): boolean {
    return (
      Atomics.load(this.#words, this.#slot(rank) + IN_CALL) ===
      ((number + 1) | 0)
    );
  }

  /**
   * This rank's next call, or the one it is in, is made over the network, unless it is committed: then false.
   */
  divert(number: number): boolean {
    const gate = this.#first + GATE;
    for (;;) {
      const value = Atomics.load(this.#words, gate);
      const ahead = numbersAhead(number, value);
      // Others have gone on. Nothing later is committed without this rank.
      if (ahead < 0) return this.#load(COMMITTED) !== (number | 0);
      if (ahead === 0 && isDiverted(value)) return true;
      if (ahead === 0 && countOf(value) === this.size) return false;
      const next = ahead === 0 ? value | DIVERTED : gateOf(number) | DIVERTED;
      if (Atomics.compareExchange(this.#words, gate, value, next) !== value)
        continue;
      if (ahead === 0) this.#changed(GATE);
      return true;
    }
  }

  /** Returns when all ranks have come. */
  *barrier(): Steps<void> {
    const turn = this.#load(TURN);
    const arrived = Atomics.add(this.#words, this.#first + ARRIVED, 1) + 1;
    if (arrived === this.size) {
      Atomics.store(this.#words, this.#first + ARRIVED, 0);
      Atomics.store(this.#words, this.#first + TURN, (turn + 1) | 0);
      this.#changed(TURN);
    }
    while (this.#load(TURN) === turn) yield this.#until(TURN, turn);
    yield* this.goOn();
  }

  /** Waits for ever if a rank has left in the middle: whoever drives this raises why. */
  *goOn(): Steps<void> {
    while (this.isBroken) yield this.#until(TURN, this.#load(TURN));
  }

  /** A rank has left in the middle of a call: nothing is made here any more. */
  break(): void {
    Atomics.store(this.#words, this.#first + BROKEN, 1);
    this.#changed(GATE);
    this.#changed(TURN);
  }
  get isBroken(): boolean {
    return this.#load(BROKEN) === 1;
  }

  /** The ranks turn out to differ in a call: all that follow are made over the network, where that is told. */
  dispute(): void {
    Atomics.store(this.#words, this.#first + DISPUTED, 1);
    this.#changed(GATE);
  }
  get isDisputed(): boolean {
    return this.#load(DISPUTED) === 1;
  }

  /** What a rank brought to the call that is under way. */
  addressOf(rank: number): number {
    return this.#words[this.#card(rank) + ADDRESS]! >>> 0;
  }
  stageOf(rank: number): number {
    return this.#words[this.#card(rank) + STAGE]! >>> 0;
  }
  bytesOf(rank: number): number {
    const card = this.#card(rank);
    return (
      (this.#words[card + BYTES_LOW]! >>> 0) +
      this.#words[card + BYTES_HIGH]! * 2 ** 32
    );
  }

  /** Where this rank may leave up to INLINE_BYTES for the call that it comes to next. */
  get inline(): number {
    return this.#inlineOf(this.rank, this.#committed);
  }
  /** Where a rank has left bytes for the call that is under way. */
  inlineOf(rank: number): number {
    return this.#inlineOf(rank, this.#committed - 1);
  }
  #inlineOf(rank: number, turn: number): number {
    return this.#inline + (2 * rank + (turn & 1)) * INLINE_BYTES;
  }

  /** Counts this rank at the gate, unless the call is diverted. The last one to come commits it. */
  #come(number: number): void {
    const gate = this.#first + GATE;
    for (;;) {
      const value = Atomics.load(this.#words, gate);
      const ahead = numbersAhead(number, value);
      if (ahead < 0 || (ahead === 0 && isDiverted(value))) return;
      const next = ahead === 0 ? value + 1 : gateOf(number) + 1;
      if (Atomics.compareExchange(this.#words, gate, value, next) !== value)
        continue;
      if (countOf(next) < this.size) return;
      Atomics.store(this.#words, this.#first + COMMITTED, number | 0);
      this.#changed(GATE);
      return;
    }
  }

  /** Neither committed nor diverted yet. */
  #isOpen(number: number, gate: number): boolean {
    return (
      numbersAhead(number, gate) === 0 &&
      !isDiverted(gate) &&
      countOf(gate) < this.size
    );
  }

  /** Of a call that is not open any more. */
  #isCommitted(number: number, gate: number): boolean {
    // Who saw that it was committed says so before it comes to the next one.
    if (numbersAhead(number, gate) !== 0)
      return this.#load(COMMITTED) === (number | 0);
    if (isDiverted(gate)) return false;
    if (this.#load(COMMITTED) !== (number | 0))
      Atomics.store(this.#words, this.#first + COMMITTED, number | 0);
    return true;
  }

  #writeCard(call: CallSignature, { address, stage, bytes }: Brought): void {
    const card = this.#slot(this.rank) + CARDS + this.#cardOf(this.#committed);
    const words = this.#words;
    words[card + KIND] = kindOf(call);
    words[card + ROOT] = call.root ?? NO_ROOT;
    words[card + COUNT_LOW] = call.count | 0;
    words[card + COUNT_HIGH] = Math.floor(call.count / 2 ** 32);
    words[card + DIGEST] = call.digest | 0;
    words[card + ADDRESS] = address | 0;
    words[card + STAGE] = stage | 0;
    words[card + BYTES_LOW] = bytes | 0;
    words[card + BYTES_HIGH] = Math.floor(bytes / 2 ** 32);
  }

  get #areAlike(): boolean {
    const words = this.#words;
    const own = this.#card(this.rank);
    for (let rank = 0; rank < this.size; rank++) {
      const card = this.#card(rank);
      for (let word = KIND; word <= DIGEST; word++)
        if (words[card + word] !== words[own + word]) return false;
    }
    return true;
  }

  /** Of the call that is under way. */
  #card(rank: number): number {
    return this.#slot(rank) + CARDS + this.#cardOf(this.#committed - 1);
  }
  #cardOf(turn: number): number {
    return (turn & 1) * CARD_WORDS;
  }
  #slot(rank: number): number {
    return this.#first + SLOTS + rank * SLOT_WORDS;
  }

  #load(word: number): number {
    return Atomics.load(this.#words, this.#first + word);
  }

  #until(word: number, value: number): Waiting {
    this.#waiting.index = this.#first + word;
    this.#waiting.value = value;
    return this.#waiting;
  }

  #changed(word: number): void {
    if (this.#load(SLEEPERS) > 0) this.#wake(this.#first + word);
  }

  /** Who sleeps is counted: without sleepers nobody needs to be woken. */
  get sleepers(): number {
    return this.#first + SLEEPERS;
  }
}

const kindOf = ({ collective, dtype, op }: CallSignature): number =>
  collective | (dtype << 8) | (op << 16);

function callOn(card: Int32Array): CallSignature {
  const [kind, root] = [card[KIND]!, card[ROOT]!];
  return {
    collective: kind & 0xff,
    dtype: (kind >>> 8) & 0xff,
    op: (kind >>> 16) & 0xff,
    root: root === NO_ROOT ? null : root,
    count: card[COUNT_HIGH]! * 2 ** 32 + (card[COUNT_LOW]! >>> 0),
    digest: card[DIGEST]! >>> 0,
  };
}

const gateOf = (number: number): number => (number << NUMBER_SHIFT) | 0;
const isDiverted = (gate: number): boolean => (gate & DIVERTED) !== 0;
const countOf = (gate: number): number => gate & COUNT_MASK;

/** How many calls `number` is ahead of the one that the gate is at; as if its numbers did not wrap around. */
function numbersAhead(number: number, gate: number): number {
  const ahead = (number - (gate >>> NUMBER_SHIFT)) & (NUMBERS - 1);
  return ahead < NUMBERS / 2 ? ahead : ahead - NUMBERS;
}
