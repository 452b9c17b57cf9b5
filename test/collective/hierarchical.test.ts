import {
  type Compression,
  type HostMemory,
  ranksByHost,
} from "@tsmpi/collective";
import { firstDifference } from "../support/first-difference";
import { randomBelow } from "../support/random";
import { type Traffic, withRanks } from "../support/with-ranks";

/** The host of each rank, by a letter. */
const HOST_MAPS = ["AB", "AAB", "AABB", "ABAB", "AAABB", "AABBCC", "ABBBCCA"];
const LENGTHS = [0, 1, 2, 7, 1_000, 300_000];

/** Memory of a host that all ranks of this process see; each has a share of it. */
class TestMemory {
  readonly bytes: SharedArrayBuffer;
  readonly failures: number[];

  constructor(
    ranks: number,
    readonly shareBytes: number,
  ) {
    this.bytes = new SharedArrayBuffer(ranks * shareBytes);
    this.failures = Array.from({ length: ranks }, () => 0);
  }

  ofRank(rank: number): HostMemory {
    const ownerOf = (place: number) => Math.floor(place / this.shareBytes);
    return {
      placeOf: ({ buffer, byteOffset }) =>
        buffer === this.bytes ? byteOffset : null,
      at: (place, bytes) => new Uint8Array(this.bytes, place, bytes),
      failuresAt: (place) => this.failures[ownerOf(place)]!,
      fail: () => void this.failures[rank]!++,
    };
  }
}

interface Run {
  readonly map: string;
  readonly length: number;
  readonly sharesMemory?: boolean;
  readonly delays?: { readonly seed: number };
  readonly compression?: Compression;
}

/** What each rank has after an all-reduce of whole numbers, and of what it was made. */
async function allreduce({
  map,
  length,
  sharesMemory = true,
  delays,
  compression,
}: Run) {
  const size = map.length;
  const below = randomBelow(length + size);
  const inputs = Array.from({ length: size }, () =>
    Float32Array.from({ length }, () => below(100)),
  );
  const shareBytes = Math.max(64, length * 4);
  const memory = new TestMemory(size, shareBytes);
  const ranks = ranksByHost([...map]);
  const { results, traffic } = await withRanks(
    size,
    async ({ rank, communicator }) => {
      const buffer = sharesMemory
        ? new Float32Array(memory.bytes, rank * shareBytes, length)
        : new Float32Array(length);
      buffer.set(inputs[rank]!);
      const call = { name: "allreduce", count: length } as const;
      await communicator.allreduce(
        { ...call, op: "SUM", dtype: "float32" },
        buffer,
        undefined,
        compression && { compressed: { compression, residual: null } },
      );
      return buffer;
    },
    {
      forced: { allreduce: "hierarchical" },
      hostsOf: (rank) => ({ ranks, memory: memory.ofRank(rank) }),
      delays,
    },
  );
  const expected = Float32Array.from({ length }, (_, i) =>
    inputs.reduce((sum, input) => sum + input[i]!, 0),
  );
  return { results, traffic, expected };
}

const bytesBetween = (
  traffic: readonly Traffic[],
  map: string,
  counts: (from: string, to: string) => boolean,
): number =>
  traffic
    .filter(({ from, to }) => counts(map[from]!, map[to]!))
    .reduce((sum, { bytes }) => sum + bytes, 0);

describe("The hierarchical all-reduce", () => {
  const runs = HOST_MAPS.flatMap((map) =>
    [true, false].map((sharesMemory) => ({ map, sharesMemory })),
  );
  it.each(runs)(
    "gives every rank the sum, hosts $map, shared memory: $sharesMemory",
    async (run) => {
      for (const length of LENGTHS) {
        const delays = { seed: length };
        const { results, expected } = await allreduce({
          ...{ ...run, length, delays },
        });
        for (const result of results)
          expect(firstDifference(result, expected)).toBeNull();
      }
    },
  );

  it.each([
    ["AABB", 2],
    ["AAABBB", 2],
    ["AABBCC", 3],
  ])(
    "sends 2 (h − 1) / h of the buffer out of each host, and in shared memory nothing within one: %s",
    async (map, hosts) => {
      const length = 600_000;
      const { traffic } = await allreduce({ map, length });
      const out = bytesBetween(traffic, map, (a, b) => a === "A" && b !== "A");
      expect(out).toBe(((2 * (hosts - 1)) / hosts) * length * 4);
      // Notes of 32 bytes.
      const within = bytesBetween(traffic, map, (a, b) => a === b);
      expect(within).toBeLessThan(4_000);
    },
  );

  it("sends what it must within a host that shares no memory, and no more between hosts", async () => {
    const length = 600_000;
    const map = "AABB";
    const { traffic } = await allreduce({ map, length, sharesMemory: false });
    const between = bytesBetween(traffic, map, (a, b) => a !== b);
    expect(between).toBe(2 * length * 4);
  });

  it.each([
    ["AABB", true],
    ["ABBAB", true],
    ["AABB", false],
  ])(
    "compresses what goes between hosts, and nothing else: %s, shared memory: %s",
    async (map, sharesMemory) => {
      const length = 300_000;
      // Sums of so few whole numbers have room in fp16.
      const { results, expected, traffic } = await allreduce({
        ...{ map, length, sharesMemory, compression: "fp16" },
      });
      for (const result of results)
        expect(firstDifference(result, expected)).toBeNull();
      const between = bytesBetween(traffic, map, (a, b) => a !== b);
      expect(between).toBe(2 * length * 2);
    },
  );

  it("fails for ranks of its host if one has failed that showed its memory", async () => {
    const map = "AAB";
    const memory = new TestMemory(3, 4_096);
    const ranks = ranksByHost([...map]);
    const said: string[] = [];
    await withRanks(
      3,
      async ({ rank, communicator }) => {
        const buffer = new Float32Array(memory.bytes, rank * 4_096, 1_000);
        const call = { name: "allreduce", count: 1_000 } as const;
        const own = memory.ofRank(rank);
        // As if it had failed in another call while its memory was being read.
        const at = own.at.bind(own);
        own.at = (place, bytes) => {
          memory.ofRank(1).fail();
          return at(place, bytes);
        };
        hosts[rank] = { ranks, memory: own };
        await communicator
          .allreduce({ ...call, op: "SUM", dtype: "float32" }, buffer)
          .catch((error: Error) => said.push(error.message));
      },
      {
        forced: { allreduce: "hierarchical" },
        hostsOf: (rank) => hosts[rank]!,
      },
    );
    expect(said).toHaveLength(3);
    expect(said[0]).toBe("rank 1 has left the call in its middle");
  });
  const hosts: { ranks: number[][]; memory: HostMemory }[] = [];
});

describe("ranksByHost", () => {
  it("gathers the ranks of each host, hosts in the order of their first ranks", () => {
    expect(ranksByHost(["b", "a", "b", "c", "a"])).toEqual([
      [0, 2],
      [1, 4],
      [3],
    ]);
  });
});
