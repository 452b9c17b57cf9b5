// Collectives of blocks whose lengths differ, in each way to lay them out:  vectors.mts. Rank by rank prints what the calls leave or
// raise, and how many of them the communication thread made.
import { MPI } from "tsmpi";
import { writeSync } from "node:fs";

const world = MPI.COMM_WORLD;
const { rank, size } = world;
type Comm = typeof world;
const ranks = Array.from({ length: size }, (_, each) => each);
const ROOT = 1;

let overNetwork = 0;
const { runtime } = world.state;
// eslint-disable-next-line @typescript-eslint/unbound-method -- it is called on the runtime, as before
runtime.begin = new Proxy(runtime.begin, {
  apply(begin, self, args: Parameters<typeof runtime.begin>) {
    overNetwork++;
    return Reflect.apply(begin, self, args) as unknown;
  },
});

type Allocate = (length: number) => Int32Array<ArrayBufferLike>;
const MEMORIES: Readonly<Record<string, Allocate>> = {
  ordinary: (length) => new Int32Array(length),
  allocated: (length) => MPI.Alloc_mem(Int32Array, length),
};

/** Where the parts of a buffer lie, as lengths say. */
const LAYOUTS: Readonly<Record<string, (counts: number[]) => number[]>> = {
  dense: (counts) => behindEachOther(counts, 0, ranks),
  gaps: (counts) => behindEachOther(counts, 3, ranks),
  permuted: (counts) => behindEachOther(counts, 1, ranks.toReversed()),
};

function behindEachOther(counts: number[], gap: number, order: number[]) {
  const places: number[] = Array.from({ length: size });
  let next = gap;
  for (const each of order) {
    places[each] = next;
    next += counts[each]! + gap;
  }
  return places;
}

/** Elements that rank `from` gives rank `to`. */
const LENGTHS: Readonly<Record<string, (from: number, to: number) => number>> =
  {
    none: () => 0,
    few: (from, to) => (2 * from + 3 * to) % 5,
    many: (from, to) => 7_000 * ((from + 2 * to) % 4),
    windows: (from, to) => 100_003 * ((from + to) % 3) + from,
  };

interface Case {
  readonly allocate: Allocate;
  readonly layout: (counts: number[]) => number[];
  readonly length: (from: number, to: number) => number;
  /** By how much the length differs that a rank expects of another. */
  readonly wrong: (from: number, to: number) => number;
}

/** A buffer of parts, and its argument; each part has numbers of its own. */
function parts({ allocate, layout }: Case, counts: number[], seed: number) {
  const places = layout(counts);
  const ends = places.map((place, i) => place + counts[i]!);
  const array = allocate(Math.max(...ends, 0) + 2).fill(-1);
  if (seed >= 0)
    ranks.forEach((each) =>
      array
        .subarray(places[each], ends[each])
        .forEach((_, i, part) => (part[i] = seed + 1_000 * each + i)),
    );
  return { array, message: [array, counts, places] as const };
}

const own = (allocate: Allocate, count: number) =>
  allocate(count).map((_, i) => 1_000_000 * rank + i);

/** Makes the call; gives what it has left. */
const CALLS: Readonly<Record<string, (one: Case, comm: Comm) => Int32Array>> = {
  gatherv(one, comm) {
    const expected = (from: number) => one.length(from, 0) + one.wrong(from, 0);
    const all = parts(one, ranks.map(expected), -1);
    const sent = own(one.allocate, one.length(rank, 0));
    comm.Gatherv(sent, rank === ROOT ? all.message : null, ROOT);
    return all.array;
  },
  "gatherv in place"(one, comm) {
    const expected = (from: number) => one.length(from, 0) + one.wrong(from, 0);
    const all = parts(one, ranks.map(expected), 5);
    const sent = own(one.allocate, one.length(rank, 0));
    if (rank === ROOT) comm.Gatherv(MPI.IN_PLACE, all.message, ROOT);
    else comm.Gatherv(sent, null, ROOT);
    return all.array;
  },
  scatterv(one, comm) {
    const given = ranks.map((to) => one.length(0, to));
    const all = parts(one, given, 7_000_000);
    const room = one.allocate(one.length(0, rank) + one.wrong(0, rank));
    comm.Scatterv(rank === ROOT ? all.message : null, room, ROOT);
    return room;
  },
  "scatterv in place"(one, comm) {
    const given = ranks.map((to) => one.length(0, to));
    const all = parts(one, given, 7_000_000);
    const room = one.allocate(one.length(0, rank) + one.wrong(0, rank));
    if (rank === ROOT) comm.Scatterv(all.message, MPI.IN_PLACE, ROOT);
    else comm.Scatterv(null, room, ROOT);
    return rank === ROOT ? all.array : room;
  },
  allgatherv(one, comm) {
    const expected = (from: number) => one.length(from, 0) + one.wrong(from, 0);
    const all = parts(one, ranks.map(expected), -1);
    comm.Allgatherv(own(one.allocate, one.length(rank, 0)), all.message);
    return all.array;
  },
  "allgatherv in place"(one, comm) {
    const expected = (from: number) => one.length(from, 0);
    const all = parts(one, ranks.map(expected), 1_000_000 * rank);
    comm.Allgatherv(MPI.IN_PLACE, all.message);
    return all.array;
  },
  alltoallv(one, comm) {
    const given = ranks.map((to) => one.length(rank, to));
    const taken = ranks.map(
      (from) => one.length(from, rank) + one.wrong(from, rank),
    );
    const all = parts(one, taken, -1);
    comm.Alltoallv(parts(one, given, 1_000_000 * rank).message, all.message);
    return all.array;
  },
  "alltoallv in place"(one, comm) {
    const both = ranks.map((peer) =>
      one.length(Math.min(rank, peer), Math.max(rank, peer)),
    );
    const all = parts(one, both, 1_000_000 * rank);
    comm.Alltoallv(MPI.IN_PLACE, all.message);
    return all.array;
  },
  alltoallw(one, comm) {
    const types = ranks.map((each) => (each === 0 ? MPI.BYTE : MPI.INT));
    const given = ranks.map((to) => one.length(rank, to));
    const taken = ranks.map(
      (from) => one.length(from, rank) + one.wrong(from, rank),
    );
    const spec = (counts: number[], seed: number) => {
      const { array, message } = parts(one, counts, seed);
      const inTypes = counts.map((count, i) => (i === 0 ? 4 * count : count));
      const inBytes = message[2].map((place) => 4 * place);
      return [array, inTypes, inBytes, types] as const;
    };
    const target = spec(taken, -1);
    comm.Alltoallw(spec(given, 1_000_000 * rank), target);
    return target[0];
  },
};

/** Tells contents apart in few characters. */
function digest(array: Int32Array): string {
  let hash = 0;
  for (const value of array) hash = (Math.imul(hash, 31) + value) | 0;
  return `${array.length} ${hash}`;
}

const made = (call: () => string): string => {
  try {
    return call();
  } catch (error) {
    const { code, message } = error as Error & { code: string };
    return `${code} ${message}`;
  }
};

const nobody = () => 0;
const WRONG: Readonly<Record<string, Case["wrong"]>> = {
  nobody,
  "less of rank 2": (from, to) => (from === 2 && to === 0 ? -1 : 0),
  "more for rank 2": (from, to) => (to === 2 && from === 0 ? 1 : 0),
};

const outcomes: Record<string, string> = {};
const byNetwork: Record<string, number> = {};
for (const [call, run] of Object.entries(CALLS))
  for (const [memory, allocate] of Object.entries(MEMORIES))
    for (const [lay, layout] of Object.entries(LAYOUTS))
      for (const [lengths, length] of Object.entries(LENGTHS))
        for (const [who, wrong] of Object.entries(WRONG)) {
          const one = { allocate, layout, length, wrong };
          const name = [call, memory, lay, lengths, who].join(", ");
          const before = overNetwork;
          if (wrong === nobody) {
            outcomes[name] = made(() => digest(run(one, world)));
            byNetwork[name] = overNetwork - before;
          } else if (lengths !== "none") {
            const comm = world.Dup();
            outcomes[name] = made(() => {
              const left = digest(run(one, comm));
              // Who only gives may be through before the call fails: then the next one raises.
              comm.Barrier();
              return left;
            });
            comm.Free();
          }
        }
// Who ends while others still hear of the last error would be another error.
world.Barrier();
writeSync(1, JSON.stringify({ rank, outcomes, byNetwork }) + "\n");
