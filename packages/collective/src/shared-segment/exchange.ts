import type { CallSignature } from "@tsmpi/protocol";
import { ELSEWHERE, INLINE_BYTES } from "./block";
import { CHUNK_BYTES, type SharedSegment } from "./segment";
import type { Steps } from "./steps";

export interface DirectExchange {
  readonly number: number;
  readonly signature: CallSignature;
  /** Lengths that this rank tells the others, in bytes. */
  readonly lengths?: readonly number[];
  /** What it shows them, as if the pieces lay behind each other. */
  readonly shown: readonly Uint8Array[];
  /** What it wants of what they show; null on every rank: this cannot be had, and the network finds out how and tells everybody. */
  readonly plan: (shown: Shown) => readonly Fetch[] | null;
}

/** What the ranks show. */
export interface Shown {
  readonly bytesOf: (rank: number) => number;
  /** The first `count` of those that the rank tells. */
  readonly lengthsOf: (rank: number, count: number) => Float64Array;
}

/** Bytes of what a rank shows, from `start` on; their number is that of `target`. */
export interface Fetch {
  readonly rank: number;
  readonly start: number;
  readonly target: Uint8Array;
}

/** A stage has two of them. */
const WINDOW_BYTES = CHUNK_BYTES;

/**
 * Each rank shows bytes, each takes what it wants of them. Lengths lie beside the rank's card, and few bytes behind them; more bytes
 * stay where they are if that is in the segment, others pass through the rank's stage, window by window.
 *
 * @returns false: the call is made over the network
 */
export function* exchangeDirect(
  segment: SharedSegment,
  { number, signature, lengths = [], shown, plan }: DirectExchange,
): Steps<boolean> {
  const { block, stage } = segment;
  const told = new Uint8Array(Float64Array.from(lengths).buffer);
  if (stage === null || told.byteLength > INLINE_BYTES) {
    block.divert(number);
    return false;
  }
  segment.copyIn(block.inline, told);
  const bytes = shown.reduce((sum, piece) => sum + piece.byteLength, 0);
  const behind = block.inline + told.byteLength;
  const isFew = told.byteLength + bytes <= INLINE_BYTES;
  const address = isFew ? behind : placeOf(segment, shown);
  if (isFew) copyWindow(segment, shown, 0, behind);
  const show = (window: number): void => {
    if (address === ELSEWHERE) copyWindow(segment, shown, window, stage);
  };
  show(0);
  const brought = { address, stage, bytes };
  if (!(yield* block.arrive(number, signature, brought))) return false;

  const sources = Array.from({ length: block.size }, (_, rank) =>
    sourceOf(segment, rank),
  );
  const fetches = plan({
    bytesOf: (rank) => block.bytesOf(rank),
    lengthsOf: (rank, count) => readLengths(segment, rank, count),
  });
  if (fetches === null) {
    block.leave();
    return false;
  }
  const windows = Math.max(1, ...sources.map(({ windows: count }) => count));
  for (let window = 0; window < windows; window++) {
    if (window > 0) yield* block.barrier();
    if (window + 1 < windows) show(window + 1);
    for (const { rank, start, target } of fetches)
      sources[rank]!.take(window, start, target);
  }
  // Nobody shows something else, or lets go of it, while others take.
  if (sources.some(({ isBesideCard }) => !isBesideCard)) yield* block.barrier();
  block.leave();
  return true;
}

interface Source {
  readonly isBesideCard: boolean;
  readonly windows: number;
  /** Copies the part of `start …` that is in this window. */
  readonly take: (window: number, start: number, target: Uint8Array) => void;
}

function sourceOf(segment: SharedSegment, rank: number): Source {
  const { block } = segment;
  const bytes = block.bytesOf(rank);
  const address = block.addressOf(rank);
  const besideCard = block.inlineOf(rank);
  const isStaged = address === ELSEWHERE;
  const length = isStaged ? WINDOW_BYTES : Math.max(1, bytes);
  const at = (window: number): number =>
    isStaged ? block.stageOf(rank) + slotOf(window) : address;
  return {
    isBesideCard:
      bytes === 0 ||
      (address >= besideCard && address < besideCard + INLINE_BYTES),
    windows: Math.ceil(bytes / length),
    take(window, start, target) {
      const from = Math.max(start, window * length);
      const to = Math.min(
        start + target.byteLength,
        Math.min(bytes, (window + 1) * length),
      );
      if (to > from)
        segment.copyOut(
          target.subarray(from - start, to - start),
          at(window) + from - window * length,
        );
    },
  };
}

const slotOf = (window: number): number => (window & 1) * WINDOW_BYTES;

/** The bytes of a window of all pieces, to where the window lies. */
function copyWindow(
  segment: SharedSegment,
  pieces: readonly Uint8Array[],
  window: number,
  place: number,
): void {
  const from = window * WINDOW_BYTES;
  let start = 0;
  for (const piece of pieces) {
    const first = Math.max(start, from);
    const last = Math.min(start + piece.byteLength, from + WINDOW_BYTES);
    if (last > first)
      segment.copyIn(
        place + slotOf(window) + first - from,
        piece.subarray(first - start, last - start),
      );
    start += piece.byteLength;
  }
}

/** Where the pieces lie behind each other in the segment; ELSEWHERE if they do not. */
function placeOf(
  segment: SharedSegment,
  pieces: readonly Uint8Array[],
): number {
  let first: number | null = null;
  let end: number | null = null;
  for (const piece of pieces) {
    if (piece.byteLength === 0) continue;
    const address = segment.addressOf(piece);
    if (address === null || (end ?? address) !== address) return ELSEWHERE;
    first ??= address;
    end = address + piece.byteLength;
  }
  return first ?? ELSEWHERE;
}

function readLengths(
  segment: SharedSegment,
  rank: number,
  count: number,
): Float64Array {
  const lengths = new Float64Array(count);
  segment.copyOut(new Uint8Array(lengths.buffer), segment.block.inlineOf(rank));
  return lengths;
}
