import { isAverage, type ReduceOp } from "../reduce-ops";
import { ELSEWHERE, INLINE_BYTES } from "./block";
import type { DirectCall } from "./direct-algorithm";
import type { SegmentKernel } from "./kernels";
import {
  CHUNK_BYTES,
  partBytes,
  partOf,
  ranksOf,
  type SharedSegment,
  TILE_BYTES,
} from "./segment";
import type { Steps } from "./steps";

/** A reduction of buffers of one length. */
export interface DirectReduction extends DirectCall {
  readonly op: ReduceOp;
  readonly kernel: SegmentKernel;
  readonly source: Uint8Array;
  /** Gets this rank's result; may lie in `source`. Null where there is none. */
  readonly target: Uint8Array | null;
}

/** What a rank gets: the buffers of ranks 0 … `ranks` − 1 reduced, the bytes from `start` to `end` of that. */
export interface Result {
  /** Its own rank is among them, or is the next one. 0: it gets nothing. */
  readonly ranks: number;
  readonly start: number;
  readonly end: number;
}
export const NO_RESULT: Result = { ranks: 0, start: 0, end: 0 };

/**
 * Reduces in memory that all ranks see, in the order of ranks, and gives each rank the result that is its own.
 *
 * - Few bytes lie beside the card of each rank; each reduces those that it is to get, and is through.
 * - Of more, each rank has a *slot*: its buffer where that lies in the segment and may be written to, else a chunk in its stage.
 *   Each rank reduces its part of all slots, tile by tile, and puts what the others get into theirs:
 *
 *       scan       slot 0   slot 1   slot 2      exscan    slot 0   slot 1   slot 2      reduce    slot 0   slot 1   slot 2
 *       before     a        b        c                     a        b        c                     a        b        c
 *       after      a        ab       abc                   a        a        ab                    a        abc      c
 *
 *   What passes through stages does so chunk by chunk, the next one coming in and the one before going out while one is reduced;
 *   one barrier a chunk.
 *
 * @returns false: the call is made over the network
 */
export function* reduceInSlots(
  segment: SharedSegment,
  call: DirectReduction,
  resultOf: (rank: number) => Result,
): Steps<boolean> {
  const { block, stage } = segment;
  const { number, signature, source } = call;
  const results = ranksOf(block).map(resultOf);
  if (source.byteLength <= INLINE_BYTES)
    return yield* reduceBesideCards(segment, call, results[block.rank]!);
  if (stage === null) {
    block.divert(number);
    return false;
  }
  const address = placeOf(segment, call, results[block.rank]!);
  if (address === ELSEWHERE) copyChunkIn(segment, call, stage, 0);
  const brought = { address, stage, bytes: source.byteLength };
  if (!(yield* block.arrive(number, signature, brought))) return false;
  yield* new Slots(segment, call, results, stage).reduceAll();
  block.leave();
  return true;
}

/** Of few bytes: each rank reduces what it is to get, and is through. @returns false: the call is made over the network */
export function* reduceBesideCards(
  segment: SharedSegment,
  { number, signature, op, kernel, source, target }: DirectReduction,
  { ranks, start, end }: Result,
): Steps<boolean> {
  const { block } = segment;
  const bytes = source.byteLength;
  segment.copyIn(block.inline, source);
  const brought = { address: ELSEWHERE, stage: 0, bytes };
  if (!(yield* block.arrive(number, signature, brought))) return false;
  if (ranks > 0 && target) {
    // What this rank will bring to the next call lies where nobody reads any more.
    const result = block.inline;
    let lower = block.inlineOf(0);
    for (let rank = 1; rank < ranks; rank++) {
      kernel.reduce(result, lower, block.inlineOf(rank), bytes);
      lower = result;
    }
    if (isAverage(op) && ranks > 1) kernel.divide(result, bytes, ranks);
    segment.copyOut(target.subarray(0, end - start), lower + start);
  }
  block.leave();
  return true;
}

/** Where in the segment a rank's slot is, with its buffer in it; ELSEWHERE: in its stage. */
function placeOf(
  segment: SharedSegment,
  { source, target }: DirectReduction,
  { ranks }: Result,
): number {
  // Its buffer is only read.
  if (ranks === 0 || target === null)
    return segment.addressOf(source) ?? ELSEWHERE;
  const address = segment.addressOf(target);
  if (address === null || target.byteLength !== source.byteLength)
    return ELSEWHERE;
  if (segment.addressOf(source) !== address) segment.copyIn(address, source);
  return address;
}

/** One reduction by way of the slots of all ranks, as one rank makes it. */
class Slots {
  readonly #segment: SharedSegment;
  readonly #call: DirectReduction;
  readonly #results: readonly Result[];
  /** This rank's. */
  readonly #stage: number;
  readonly #addresses: readonly number[];
  /** Of what is worked on between two barriers. */
  readonly #chunkBytes: number;
  readonly #mostRanks: number;

  constructor(
    segment: SharedSegment,
    call: DirectReduction,
    results: readonly Result[],
    stage: number,
  ) {
    this.#segment = segment;
    this.#call = call;
    this.#results = results;
    this.#stage = stage;
    const { block } = segment;
    this.#addresses = ranksOf(block).map((rank) => block.addressOf(rank));
    this.#chunkBytes = this.#addresses.includes(ELSEWHERE)
      ? CHUNK_BYTES
      : call.source.byteLength;
    this.#mostRanks = Math.max(...results.map(({ ranks }) => ranks));
  }

  *reduceAll(): Steps<void> {
    const { block } = this.#segment;
    const count = Math.ceil(this.#call.source.byteLength / this.#chunkBytes);
    for (let chunk = 0; chunk < count; chunk++) {
      yield* this.#reduceChunk(chunk);
      if (chunk > 0) this.#out(chunk - 1);
      if (chunk + 1 < count) this.#in(chunk + 1);
      yield* block.barrier();
    }
    this.#out(count - 1);
  }

  *#reduceChunk(chunk: number): Steps<void> {
    const { block } = this.#segment;
    const bytes = this.#bytesOf(chunk);
    const { start, end } = partOf(bytes, block.size, block.rank);
    const tileBytes = Math.min(TILE_BYTES, partBytes(CHUNK_BYTES, block.size));
    const slots = ranksOf(block).map((rank) => this.#slotOf(rank, chunk));
    for (let at = start; at < end; at += tileBytes) {
      this.#reduceTile(slots, {
        ...{ at, bytes: Math.min(tileBytes, end - at) },
        place: chunk * this.#chunkBytes + at,
      });
      // Who has left may use its buffer for something else.
      yield* block.goOn();
    }
  }

  /** @param tile where it is in the slots, and in the whole buffer */
  #reduceTile(
    slots: readonly number[],
    { at, bytes, place }: { at: number; bytes: number; place: number },
  ): void {
    const { kernel } = this.#call;
    const rooms = this.#rooms;
    let lower = slots[0]! + at;
    for (let rank = 1; rank < this.#mostRanks; rank++) {
      const next = rooms[rank & 1]!;
      kernel.reduce(next, lower, slots[rank]! + at, bytes);
      // Not earlier: the slot of a rank that gets this may be that of the rank which has just been reduced.
      this.#give({ ranks: rank, from: lower, slots, at, bytes, place });
      lower = next;
    }
    const ranks = this.#mostRanks;
    this.#give({ ranks, from: lower, slots, at, bytes, place });
  }

  /** Puts what so many ranks reduced give into the slots of those who get it. */
  #give({
    ranks,
    from,
    slots,
    at,
    bytes,
    place,
  }: {
    readonly ranks: number;
    readonly from: number;
    readonly slots: readonly number[];
    readonly at: number;
    readonly bytes: number;
    readonly place: number;
  }): void {
    const { op, kernel } = this.#call;
    const { kernels } = this.#segment;
    for (const [rank, result] of this.#results.entries()) {
      const start = Math.max(0, result.start - place);
      const length = Math.min(bytes, result.end - place) - start;
      if (result.ranks !== ranks || length <= 0) continue;
      const target = slots[rank]! + at + start;
      if (target !== from + start) kernels.copy(target, from + start, length);
      if (isAverage(op) && ranks > 1) kernel.divide(target, length, ranks);
    }
  }

  /** Where two tiles have room, behind the chunks of this rank's stage. */
  get #rooms(): readonly [number, number] {
    const first = this.#stage + 2 * CHUNK_BYTES;
    return [first, first + partBytes(CHUNK_BYTES, this.#segment.block.size)];
  }

  #in(chunk: number): void {
    if (this.#isStaged)
      copyChunkIn(this.#segment, this.#call, this.#stage, chunk);
  }

  #out(chunk: number): void {
    const { rank } = this.#segment.block;
    const { start, end } = this.#results[rank]!;
    const { target } = this.#call;
    const place = chunk * this.#chunkBytes;
    const from = Math.max(start, place);
    const to = Math.min(end, place + this.#bytesOf(chunk));
    if (!this.#isStaged || target === null || to <= from) return;
    this.#segment.copyOut(
      target.subarray(from - start, to - start),
      this.#slotOf(rank, chunk) + from - place,
    );
  }

  get #isStaged(): boolean {
    return this.#addresses[this.#segment.block.rank] === ELSEWHERE;
  }

  #bytesOf(chunk: number): number {
    const left = this.#call.source.byteLength - chunk * this.#chunkBytes;
    return Math.min(this.#chunkBytes, left);
  }

  #slotOf(rank: number, chunk: number): number {
    const address = this.#addresses[rank]!;
    return address === ELSEWHERE
      ? chunkAt(this.#segment.block.stageOf(rank), chunk)
      : address + chunk * this.#chunkBytes;
  }
}

function copyChunkIn(
  segment: SharedSegment,
  { source }: DirectReduction,
  stage: number,
  chunk: number,
): void {
  const start = chunk * CHUNK_BYTES;
  segment.copyIn(
    chunkAt(stage, chunk),
    source.subarray(start, start + CHUNK_BYTES),
  );
}

const chunkAt = (stage: number, chunk: number): number =>
  stage + (chunk & 1) * CHUNK_BYTES;
