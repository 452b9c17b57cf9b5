import type { CallSignature } from "@tsmpi/protocol";
import { ELSEWHERE, INLINE_BYTES } from "./block";
import { CHUNK_BYTES, type SharedSegment } from "./segment";
import type { Steps } from "./steps";

export interface DirectExchange {
  readonly number: number;
  readonly signature: CallSignature;
  /** What this rank shows the others, as if the pieces lay behind each other. */
  readonly shown: readonly Uint8Array[];
  /** What it wants of what they show. */
  readonly plan: (shown: Shown) => readonly Fetch[];
}

/** What the ranks show. */
export interface Shown {
  readonly bytesOf: (rank: number) => number;
  /** As many lengths as there are ranks, which this rank has put in front with `lengthsOf`. */
  readonly lengthsOf: (rank: number) => readonly number[];
}

/** Bytes of what a rank shows, from `start` on; their number is that of `target`. */
export interface Fetch {
  readonly rank: number;
  readonly start: number;
  readonly target: Uint8Array;
}

const LENGTH_BYTES = Float64Array.BYTES_PER_ELEMENT;
export const lengthsBytes = (size: number): number => size * LENGTH_BYTES;

/** To be put in front of pieces whose lengths the others do not know. */
export const lengthsOf = (pieces: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(
    Float64Array.from(pieces, ({ byteLength }) => byteLength).buffer,
  );

/** A stage has two of them. */
const WINDOW_BYTES = CHUNK_BYTES;

/**
 * Each rank shows bytes, each takes what it wants of them. Few bytes lie beside the rank's card, bytes in the segment stay where
 * they are, others pass through the rank's stage, window by window.
 *
 * @returns false: the call is made over the network
 */
export function* exchangeDirect(
  segment: SharedSegment,
  { number, signature, shown, plan }: DirectExchange,
): Steps<boolean> {
  const { block, stage } = segment;
  if (stage === null) {
    block.divert(number);
    return false;
  }
  const bytes = shown.reduce((sum, piece) => sum + piece.byteLength, 0);
  const address = bytes > INLINE_BYTES ? placeOf(segment, shown) : ELSEWHERE;
  const place = bytes > INLINE_BYTES ? stage : block.inline;
  const show = (window: number): void => {
    if (address === ELSEWHERE) copyWindow(segment, shown, window, place);
  };
  show(0);
  const brought = { address, stage, bytes };
  if (!(yield* block.arrive(number, signature, brought))) return false;

  const sources = Array.from({ length: block.size }, (_, rank) =>
    sourceOf(segment, rank),
  );
  const fetches = plan({
    bytesOf: (rank) => block.bytesOf(rank),
    lengthsOf: (rank) => readLengths(segment, sources[rank]!.at(0), block.size),
  });
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
  /** Where a window begins. */
  readonly at: (window: number) => number;
  /** Copies the part of `start …` that is in this window. */
  readonly take: (window: number, start: number, target: Uint8Array) => void;
}

function sourceOf(segment: SharedSegment, rank: number): Source {
  const { block } = segment;
  const bytes = block.bytesOf(rank);
  const isBesideCard = bytes <= INLINE_BYTES;
  const address = block.addressOf(rank);
  const isStaged = !isBesideCard && address === ELSEWHERE;
  const length = isStaged ? WINDOW_BYTES : Math.max(1, bytes);
  const at = (window: number): number => {
    if (isBesideCard) return block.inlineOf(rank);
    return isStaged ? block.stageOf(rank) + slotOf(window) : address;
  };
  return {
    isBesideCard,
    windows: Math.ceil(bytes / length),
    at,
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
  const first = segment.addressOf(pieces[0]!);
  if (first === null) return ELSEWHERE;
  let end = first;
  for (const piece of pieces) {
    if (segment.addressOf(piece) !== end) return ELSEWHERE;
    end += piece.byteLength;
  }
  return first;
}

function readLengths(
  segment: SharedSegment,
  address: number,
  size: number,
): number[] {
  const lengths = new Float64Array(size);
  segment.copyOut(new Uint8Array(lengths.buffer), address);
  return [...lengths];
}
