import { SegmentKernels } from "@tsmpi/collective";
import type { RankAddress } from "@tsmpi/protocol";
import { loadSharedMemory } from "@tsmpi/transport";
import { Arena } from "../../bridge/arena";
import { ENTRIES } from "../../bridge/calls";
import { leastShareBytes, Segment } from "./segment";

const { attachShares, createShare, loadLibc } = loadSharedMemory();
const libc = loadLibc();
const SIZE = 3;
const PAGE_BYTES = 65_536;
const BYTES =
  Math.ceil((leastShareBytes(SIZE) + (16 << 20)) / PAGE_BYTES) * PAGE_BYTES;
const EVERYBODY = [0, 1, 2];
const jobKey = "the key of the job";

/** What each rank sees of the memory that they share; ranks in `gone` are, as far as all others know. */
function segments(gone: ReadonlySet<number>): Segment[] {
  const peers = EVERYBODY.map((rank): RankAddress => {
    const share = createShare({ libc, rank, bytes: BYTES, jobKey });
    return {
      rank,
      endpoint: "",
      host: "",
      machine: "m",
      pid: process.pid,
      share,
    };
  });
  return EVERYBODY.map((rank) => {
    const arena = new Arena(SIZE * BYTES);
    const memory = arena.memory.buffer;
    attachShares({ libc, memory, peers, rank, jobKey });
    return new Segment({
      ...{ libc, arena, rank, local: EVERYBODY, shareBytes: BYTES },
      kernels: new SegmentKernels(arena.memory),
      isGone: (world) => gone.has(world),
    });
  });
}

/** Rank 0 leads a communicator of all; `ranks` have it, and have given it up. */
function makeAndFree(
  all: readonly Segment[],
  ranks: readonly number[],
): number {
  const entry = all[0]!.reserve();
  const made = ranks.map((rank) => all[rank]!.communicator(EVERYBODY, entry));
  for (const one of made) {
    // Each has a stage too.
    if (one) expect(one.stage).not.toBeNull();
    one?.free();
  }
  return entry;
}

describe("Places for communicators in shared memory", () => {
  it("are there again when all ranks have freed theirs, however many there were", () => {
    const all = segments(new Set());
    for (let i = 0; i < 3 * ENTRIES; i++)
      expect(makeAndFree(all, EVERYBODY)).toBeGreaterThan(0);
  });

  it("are there again if a rank that has not freed its own is gone", () => {
    const all = segments(new Set([2]));
    for (let i = 0; i < 3 * ENTRIES; i++)
      expect(makeAndFree(all, [0, 1])).toBeGreaterThan(0);
  });

  it("are not given away while a rank that lives may still make calls there", () => {
    const all = segments(new Set());
    const entries = Array.from({ length: 9 }, () => makeAndFree(all, [0, 1]));
    expect(new Set(entries).size).toBe(9);
  });
});
