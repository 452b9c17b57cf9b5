import { type Collective, COLLECTIVES } from "./algorithm";
import {
  ALGORITHM_NAMES,
  type AlgorithmName,
  algorithmNamed,
  algorithmsOf,
  wantedNamed,
} from "./registry";
import { SEGMENT_BYTES } from "./segments";
import {
  ALLGATHER_BRUCK_BYTES,
  ALLREDUCE_DOUBLING_BYTES,
  BRUCK_BLOCK_BYTES,
  BRUCK_RANKS,
  CHAIN_BYTES,
  HALVING_BYTES,
  LINEAR_REDUCE_BYTES,
  MOST_ONE_BY_ONE,
  RING_BLOCK_BYTES,
  SCAN_DOUBLING_BYTES,
  select,
  type SelectCall,
  TREE_BLOCK_BYTES,
} from "./select";

const SIZES = [1, 2, 3, 4, 5, 7, 8, 16, 64, 1000];
const BYTES = [0, 1, 256, 257, 4096, 65536, 65537, 2 ** 20, 2 ** 24, 2 ** 33];

/** A call of any collective; those it does not ask about are left over. */
const callOf = (
  size: number,
  bytes: number | null,
  wanted: string,
  needsRankOrder = false,
) => ({ size, bytes, needsRankOrder, wanted }) as SelectCall<Collective>;

const calls = (wanted: string): SelectCall<Collective>[] =>
  SIZES.flatMap((size) =>
    [false, true].flatMap((ordered) =>
      BYTES.map((bytes) => callOf(size, bytes, wanted, ordered)),
    ),
  );

/** With one length for all blocks, and without. */
const callsOf = (collective: Collective, wanted: string) => {
  const transfers = ["bcast", "gather", "scatter", "allgather", "alltoall"];
  const unknown = SIZES.map((size) => callOf(size, null, wanted));
  return transfers.includes(collective)
    ? [...calls(wanted), ...unknown]
    : calls(wanted);
};

const canDo = (
  collective: Collective,
  name: string,
  call: SelectCall<Collective>,
): boolean => {
  const algorithm = algorithmNamed(
    collective,
    name as AlgorithmName<Collective>,
  );
  const { needsRankOrder } = call as SelectCall<"allreduce">;
  const { bytes } = call as SelectCall<"bcast">;
  return (
    !(needsRankOrder && "inRankOrder" in algorithm && !algorithm.inRankOrder) &&
    !("equalBlocks" in algorithm && algorithm.equalBlocks && bytes === null)
  );
};

/** Why: docs/performance.md. */
const ONLY_FORCED: Readonly<Partial<Record<Collective, string[]>>> = {
  allreduce: ["gather-root"],
  allgather: ["recursive-doubling"],
  bcast: ["scatter-allgather"],
};

describe("select", () => {
  it.each(COLLECTIVES)(
    "gives %s an algorithm that can do the call",
    (collective) => {
      for (const call of callsOf(collective, "auto")) {
        const { name, reason } = select(collective, call);
        expect(ALGORITHM_NAMES[collective]).toContain(name);
        expect(canDo(collective, name, call)).toBe(true);
        expect(reason).toMatch(/\w/);
      }
    },
  );

  const forced = COLLECTIVES.flatMap((collective) =>
    algorithmsOf(collective).map(({ name }) => [collective, name] as const),
  );
  it.each(forced)(
    "takes what is asked for if it can do the call, else another that can, and says so: %s %s",
    (collective, wanted) => {
      for (const call of callsOf(collective, wanted)) {
        const { name, reason } = select(collective, call);
        expect(canDo(collective, name, call)).toBe(true);
        if (canDo(collective, wanted, call)) {
          expect({ name, reason }).toEqual({
            name: wanted,
            reason: `${wanted} was asked for`,
          });
        } else {
          expect(name).not.toBe(wanted);
          const objection =
            collective === "alltoall" ? "it needs blocks" : "it does not keep";
          expect(reason).toMatch(
            new RegExp(`^${wanted} was asked for, but ${objection} .*; .`),
          );
        }
      }
    },
  );

  const known = (size: number, bytes: number | null, ordered = false) =>
    callOf(size, bytes, "auto", ordered);
  it.each([
    ["allreduce", known(4, ALLREDUCE_DOUBLING_BYTES), "recursive-doubling"],
    ["allreduce", known(4, ALLREDUCE_DOUBLING_BYTES + 1), "rabenseifner"],
    ["allreduce", known(2, 2 ** 32), "rabenseifner"],
    ["allreduce", known(64, 64 * RING_BLOCK_BYTES - 1), "rabenseifner"],
    ["allreduce", known(64, 64 * RING_BLOCK_BYTES), "ring"],
    ["allreduce", known(4, 2 ** 32, true), "rabenseifner"],
    ["allreduce", known(4, 4, true), "recursive-doubling"],
    ["reduce", known(4, LINEAR_REDUCE_BYTES), "linear"],
    ["reduce", known(4, LINEAR_REDUCE_BYTES + 1), "binomial"],
    ["reduce", known(MOST_ONE_BY_ONE, 4), "linear"],
    ["reduce", known(MOST_ONE_BY_ONE + 1, 4), "binomial"],
    ["reduce", known(4, 4, true), "linear"],
    ["reduce", known(MOST_ONE_BY_ONE + 1, 4, true), "binomial-rank-order"],
    ["reduce", known(5, CHAIN_BYTES - 1), "binomial"],
    ["reduce", known(5, CHAIN_BYTES), "chain"],
    ["reduce", known(5, CHAIN_BYTES, true), "chain"],
    ["reduce", known(64, 64 * SEGMENT_BYTES - 1), "binomial"],
    ["reduce", known(64, 64 * SEGMENT_BYTES), "chain"],
    ["reduceScatter", known(5, HALVING_BYTES), "recursive-halving"],
    ["reduceScatter", known(5, HALVING_BYTES + 1), "ring"],
    ["reduceScatter", known(5, 4, true), "pairwise"],
    ["scan", known(5, SCAN_DOUBLING_BYTES), "recursive-doubling"],
    ["scan", known(5, SCAN_DOUBLING_BYTES + 1), "chain"],
    ["exscan", known(5, SCAN_DOUBLING_BYTES), "recursive-doubling"],
    ["exscan", known(5, SCAN_DOUBLING_BYTES + 1), "chain"],
    ["bcast", known(100, null), "binomial"],
    ["bcast", known(8, CHAIN_BYTES - 1), "binomial"],
    ["bcast", known(8, CHAIN_BYTES), "chain"],
    ["bcast", known(64, 64 * SEGMENT_BYTES - 1), "binomial"],
    ["gather", known(MOST_ONE_BY_ONE + 1, TREE_BLOCK_BYTES), "binomial"],
    ["gather", known(MOST_ONE_BY_ONE + 1, TREE_BLOCK_BYTES + 1), "linear"],
    ["gather", known(MOST_ONE_BY_ONE, 1), "linear"],
    ["gather", known(100, null), "linear"],
    ["scatter", known(MOST_ONE_BY_ONE + 1, TREE_BLOCK_BYTES), "binomial"],
    ["scatter", known(100, null), "linear"],
    ["allgather", known(5, null), "bruck"],
    ["allgather", known(4, ALLGATHER_BRUCK_BYTES / 4), "bruck"],
    ["allgather", known(4, ALLGATHER_BRUCK_BYTES / 4 + 1), "ring"],
    ["alltoall", known(BRUCK_RANKS, BRUCK_BLOCK_BYTES), "bruck"],
    ["alltoall", known(BRUCK_RANKS, BRUCK_BLOCK_BYTES + 1), "pairwise"],
    ["alltoall", known(BRUCK_RANKS - 1, 1), "pairwise"],
    ["alltoall", known(100, null), "pairwise"],
    ["barrier", known(5, 0), "dissemination"],
  ] as const)("takes for %s of %j %s", (collective, call, name) => {
    const selected = select<Collective>(collective, call);
    expect(selected.name).toBe(name);
  });

  it.each(COLLECTIVES)(
    "can choose every algorithm of %s but those that are there to compare with",
    (collective) => {
      const left: readonly string[] = ONLY_FORCED[collective] ?? [];
      const chosen = new Set<string>(
        callsOf(collective, "auto").map(
          (call) => select(collective, call).name,
        ),
      );
      expect(
        algorithmsOf(collective)
          .map(({ name }) => name)
          .filter((name) => !chosen.has(name)),
      ).toEqual(left);
    },
  );
});

describe("ranks on several hosts", () => {
  const call = { size: 4, needsRankOrder: false, wanted: "auto" } as const;
  const chosen = (hosts: number[][], bytes: number, more = {}) =>
    select("allreduce", { ...call, hosts, bytes, ...more });

  it("sum many bytes up host by host first, if some of them have several ranks", () => {
    const name = "hierarchical";
    const hosts = [
      [0, 1],
      [2, 3],
    ];
    expect(chosen(hosts, 25e6)).toEqual({
      name,
      reason:
        "25000000 bytes are many: each goes between 2 hosts once, not 4 ranks",
    });
    expect(chosen([[0, 1, 2], [3]], 25e6)).toMatchObject({ name });
    expect(chosen(hosts, 4)).toMatchObject({ name: "recursive-doubling" });
    expect(chosen(hosts, 25e6, { wanted: "ring" })).toMatchObject({
      name: "ring",
    });
  });

  it("do not where that sends no less, or not in order", () => {
    const alone = [[0], [1], [2], [3]];
    const flat = chosen(alone, 25e6);
    expect(flat.name).not.toBe("hierarchical");
    expect(chosen([[0, 1, 2, 3]], 25e6)).toEqual(flat);
    expect(chosen(alone, 25e6, { wanted: "hierarchical" }).reason).toMatch(
      /^hierarchical was asked for, but it takes several ranks on several hosts; /,
    );
    const hosts = [
      [0, 1],
      [2, 3],
    ];
    expect(chosen(hosts, 25e6, { needsRankOrder: true }).name).toBe(
      "rabenseifner",
    );
  });
});

describe("wantedNamed", () => {
  it("refuses a name that is not registered and lists those that are", () => {
    const names = ALGORITHM_NAMES.allreduce;
    expect(() => wantedNamed("allreduce", "butterfly")).toThrow(
      `unknown allreduce algorithm "butterfly"; there are: ${names.join(", ")}`,
    );
  });
});
