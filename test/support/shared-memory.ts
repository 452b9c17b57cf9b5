import {
  blockBytes,
  SegmentBlock,
  SegmentKernels,
  type SharedSegment,
  stageBytes,
  type Steps,
  type Waiting,
} from "@tsmpi/collective";
import { wasmMemory } from "./wasm-memory";

/** Address 0 is nobody's. */
const FIRST = 64;

/** Ranks in one process that share a memory, as ranks of a host do. */
export class SharedMemory {
  readonly memory: { readonly buffer: SharedArrayBuffer };
  readonly kernels: SegmentKernels;
  readonly size: number;

  readonly #heapBytes: number;

  /** @param heapBytes of each rank, for buffers that are to lie in the segment */
  constructor(size: number, heapBytes: number) {
    this.#heapBytes = heapBytes;
    const bytes =
      FIRST + blockBytes(size) + size * (stageBytes(size) + heapBytes);
    this.memory = wasmMemory(bytes);
    this.kernels = new SegmentKernels(this.memory);
    this.size = size;
    this.block(0).clear();
  }

  block(rank: number): SegmentBlock {
    const { buffer } = this.memory;
    return new SegmentBlock({
      memory: buffer,
      offset: FIRST,
      rank,
      size: this.size,
      wake: () => {},
    });
  }

  /** What rank `rank` sees. */
  segment(rank: number): SharedSegment {
    const bytes = new Uint8Array(this.memory.buffer);
    return {
      block: this.block(rank),
      kernels: this.kernels,
      stage: FIRST + blockBytes(this.size) + rank * stageBytes(this.size),
      copyIn: (address, source) => bytes.set(source, address),
      copyOut: (target, address) =>
        target.set(bytes.subarray(address, address + target.byteLength)),
      addressOf: ({ buffer, byteOffset }) =>
        buffer === this.memory.buffer ? byteOffset : null,
    };
  }

  /** Memory of the segment that belongs to a rank. */
  heapOf(rank: number): {
    readonly buffer: SharedArrayBuffer;
    readonly start: number;
  } {
    const start =
      FIRST +
      blockBytes(this.size) +
      this.size * stageBytes(this.size) +
      rank * this.#heapBytes;
    return { buffer: this.memory.buffer, start: Math.ceil(start / 64) * 64 };
  }

  /**
   * Runs what the ranks do side by side, in an order that `below` draws: who waits may go on when its word has changed, and
   * now and then although it has not.
   *
   * @throws nobody can go on
   */
  run<Result>(
    ranks: readonly Steps<Result>[],
    below: (limit: number) => number,
  ): Result[] {
    const words = new Int32Array(this.memory.buffer);
    const results = new Map<number, Result>();
    const waiting = new Map<number, Waiting>();
    const canGoOn = (rank: number): boolean => {
      const waits = waiting.get(rank);
      return waits === undefined || words[waits.index] !== waits.value;
    };
    while (results.size < ranks.length) {
      const active = ranks
        .map((_, rank) => rank)
        .filter((rank) => !results.has(rank));
      const ready = active.filter(canGoOn);
      if (ready.length === 0)
        throw new Error(`ranks ${active.join(", ")} wait for ever`);
      const candidates = below(10) === 0 ? active : ready;
      const rank = candidates[below(candidates.length)]!;
      const step = ranks[rank]!.next();
      if (step.done) results.set(rank, step.value);
      // The same object is yielded each time.
      else waiting.set(rank, { ...step.value });
    }
    return ranks.map((_, rank) => results.get(rank)!);
  }
}
