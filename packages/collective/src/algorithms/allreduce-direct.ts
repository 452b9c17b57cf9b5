import { isAverage } from "../reduce-ops";
import { defineDirect } from "../shared-segment/direct-algorithm";
import { ELSEWHERE, INLINE_BYTES } from "../shared-segment/block";
import type { SegmentKernel } from "../shared-segment/kernels";
import {
  CHUNK_BYTES,
  partBytes,
  partOf,
  ranksOf,
  type SharedSegment,
  TILE_BYTES,
} from "../shared-segment/segment";
import {
  type DirectReduction,
  reduceBesideCards,
} from "../shared-segment/slots";
import type { Steps } from "../shared-segment/steps";

export interface DirectAllreduce extends DirectReduction {
  /** As long as `source`; may be the same. */
  readonly target: Uint8Array;
}

/**
 * All-reduce in memory that all ranks see: each rank reduces its part of what all of them bring, in the order of ranks, so that
 * all have the same bits.
 *
 * - Few bytes lie beside the card of each rank; each rank reduces all of them, and is through.
 * - Buffers in the segment stay where they are: each rank writes the result of its part into all of them.
 * - Others pass through the segment chunk by chunk, so that what is between the ranks stays in the caches; while a chunk is
 *   reduced the next one comes in and the one before goes out, with one barrier a chunk:
 *
 *       in 0 | gate | reduce 0, in 1 | barrier | reduce 1, in 2, out 0 | barrier | … | out n−1
 *
 * Source: the idea of one copy in and one out is MPICH's and Open MPI's.
 */
export const allreduceDirect = defineDirect({
  collective: "allreduce",
  run,
});

/** @returns false: the call is made over the network */
function run(segment: SharedSegment, call: DirectAllreduce): Steps<boolean> {
  const bytes = call.source.byteLength;
  if (bytes > INLINE_BYTES) return reduceInParts(segment, call);
  const all = { ranks: segment.block.size, start: 0, end: bytes };
  return reduceBesideCards(segment, call, all);
}

function* reduceInParts(
  segment: SharedSegment,
  call: DirectAllreduce,
): Steps<boolean> {
  const { block, stage } = segment;
  if (stage === null) {
    block.divert(call.number);
    return false;
  }
  const address = segment.addressOf(call.target);
  const stages = new Stages(segment, call, stage);
  if (address === null) stages.in(0);
  else if (segment.addressOf(call.source) !== address)
    segment.copyIn(address, call.source);
  const isMade = yield* block.arrive(call.number, call.signature, {
    address: address ?? ELSEWHERE,
    stage,
    bytes: call.source.byteLength,
  });
  if (!isMade) return false;
  const inPlace = ranksOf(block).map((rank) => block.addressOf(rank));
  if (!inPlace.includes(ELSEWHERE))
    yield* reduceInPlace(segment, call, inPlace);
  else yield* reduceStaged(segment, stages, inPlace);
  block.leave();
  return true;
}

/** Of each tile the first rank's buffer gets the sum, and the others copies while it is in the cache. */
function* reduceInPlace(
  { block, kernels }: SharedSegment,
  { op, kernel, target }: DirectAllreduce,
  buffers: readonly number[],
): Steps<void> {
  const { start, end } = partOf(target.byteLength, block.size, block.rank);
  for (let at = start; at < end; at += TILE_BYTES) {
    const bytes = Math.min(TILE_BYTES, end - at);
    const tiles = buffers.map((buffer) => buffer + at);
    reduceAll(kernel, tiles[0]!, tiles, bytes);
    if (isAverage(op)) kernel.divide(tiles[0]!, bytes, block.size);
    for (const tile of tiles.slice(1)) kernels.copy(tile, tiles[0]!, bytes);
    // Who has left may use its buffer for something else.
    yield* block.goOn();
  }
  yield* block.barrier();
}

function* reduceStaged(
  { block }: SharedSegment,
  stages: Stages,
  inPlace: readonly number[],
): Steps<void> {
  // Who hoped that all buffers are in the segment has nothing in its stage yet.
  if (inPlace.some((address) => address !== ELSEWHERE)) {
    if (inPlace[block.rank] !== ELSEWHERE) stages.in(0);
    yield* block.barrier();
  }
  for (let chunk = 0; chunk < stages.count; chunk++) {
    stages.reduce(chunk);
    if (chunk + 1 < stages.count) stages.in(chunk + 1);
    if (chunk > 0) stages.out(chunk - 1);
    yield* block.barrier();
  }
  stages.out(stages.count - 1);
}

/** A message on its way through the segment; a stage holds two chunks, and two results of this rank's part. */
class Stages {
  readonly count: number;
  readonly #segment: SharedSegment;
  readonly #call: DirectAllreduce;
  /** This rank's. */
  readonly #stage: number;

  constructor(segment: SharedSegment, call: DirectAllreduce, stage: number) {
    this.#segment = segment;
    this.#call = call;
    this.#stage = stage;
    this.count = Math.ceil(call.source.byteLength / CHUNK_BYTES);
  }

  in(chunk: number): void {
    const { source } = this.#call;
    const { start, end } = this.#chunk(chunk);
    this.#segment.copyIn(
      chunkAt(this.#stage, chunk),
      source.subarray(start, end),
    );
  }

  reduce(chunk: number): void {
    const { block } = this.#segment;
    const { op, kernel } = this.#call;
    const { start, end } = this.#part(chunk, block.rank);
    const result = this.#resultAt(this.#stage, chunk);
    const chunks = ranksOf(block).map((rank) =>
      chunkAt(block.stageOf(rank), chunk),
    );
    for (let at = start; at < end; at += TILE_BYTES) {
      const bytes = Math.min(TILE_BYTES, end - at);
      const tile = result + at - start;
      reduceAll(
        kernel,
        tile,
        chunks.map((address) => address + at),
        bytes,
      );
      if (isAverage(op)) kernel.divide(tile, bytes, block.size);
    }
  }

  out(chunk: number): void {
    const { block } = this.#segment;
    const { target } = this.#call;
    const { start } = this.#chunk(chunk);
    for (const rank of ranksOf(block)) {
      const part = this.#part(chunk, rank);
      if (part.end > part.start)
        this.#segment.copyOut(
          target.subarray(start + part.start, start + part.end),
          this.#resultAt(block.stageOf(rank), chunk),
        );
    }
  }

  #chunk(chunk: number): { start: number; end: number } {
    const start = chunk * CHUNK_BYTES;
    const end = Math.min(this.#call.source.byteLength, start + CHUNK_BYTES);
    return { start, end };
  }

  #part(chunk: number, rank: number): { start: number; end: number } {
    const { start, end } = this.#chunk(chunk);
    return partOf(end - start, this.#segment.block.size, rank);
  }

  #resultAt(stage: number, chunk: number): number {
    const part = partBytes(CHUNK_BYTES, this.#segment.block.size);
    return stage + 2 * CHUNK_BYTES + (chunk & 1) * part;
  }
}

const chunkAt = (stage: number, chunk: number): number =>
  stage + (chunk & 1) * CHUNK_BYTES;

/** From left to right; `target` may be the first of them. */
function reduceAll(
  kernel: SegmentKernel,
  target: number,
  sources: readonly number[],
  bytes: number,
): void {
  kernel.reduce(target, sources[0]!, sources[1]!, bytes);
  for (let i = 2; i < sources.length; i++)
    kernel.reduce(target, target, sources[i]!, bytes);
}
