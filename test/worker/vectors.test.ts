import { join } from "node:path";
import { launch } from "../support/launch";

const PROGRAM = join(__dirname, "programs/vectors.mts");
const RANKS = [0, 1, 2];

interface Said {
  readonly rank: number;
  /** What a call leaves, or raises. */
  readonly outcomes: Readonly<Record<string, string>>;
  /** How many calls the communication thread made of it. */
  readonly byNetwork: Readonly<Record<string, number>>;
}

async function saidOver(transport: string): Promise<readonly Said[]> {
  const { stdout, stderr } = await launch({
    args: ["-n", String(RANKS.length), "--transport", transport, PROGRAM],
  });
  expect(stderr).toBe("");
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Said)
    .toSorted((a, b) => a.rank - b.rank);
}

describe("Collectives of blocks whose lengths differ", () => {
  let shared: readonly Said[];
  let network: readonly Said[];
  beforeAll(async () => {
    shared = await saidOver("shm");
    network = await saidOver("ipc");
  }, 120_000);

  it.each(RANKS)(
    "leave on rank %i in shared memory what they leave over sockets, and raise the same",
    (rank) => {
      expect(shared[rank]!.outcomes).toEqual(network[rank]!.outcomes);
    },
  );

  it("are made in shared memory, and over sockets where there is none", () => {
    const callsOver = (said: readonly Said[]): Set<number> =>
      new Set(said.flatMap(({ byNetwork }) => Object.values(byNetwork)));
    expect(callsOver(shared)).toEqual(new Set([0]));
    expect(callsOver(network)).toEqual(new Set([1]));
  });

  it.each([
    [
      "gatherv, ordinary, dense, many, less of rank 2",
      "ERR_TRUNCATE [rank 1] gatherv(int32, root 1) #0: the block from rank 2 has 56000 bytes and does not fit a receive buffer of 55996",
    ],
    [
      "scatterv, allocated, gaps, windows, more for rank 2",
      "ERR_COUNT [rank 2] scatterv(int32, root 1) #0: the block from rank 1 has 800024 bytes; 800028 were expected",
    ],
    [
      "alltoallv, ordinary, permuted, few, more for rank 2",
      "ERR_COUNT [rank 2] alltoallv(int32) #0: the block from rank 0 has 4 bytes; 8 were expected",
    ],
    [
      "alltoallw, allocated, dense, many, less of rank 2",
      "ERR_TRUNCATE [rank 0] alltoallw() #0: the block from rank 2 has 56000 bytes and does not fit a receive buffer of 55996",
    ],
  ])("raise where one block does not fit, on every rank: %s", (name, error) => {
    expect(shared.map(({ outcomes }) => outcomes[name])).toEqual(
      RANKS.map(() => error),
    );
  });

  it("raise nothing where all fit", () => {
    const right = shared.flatMap(({ outcomes, byNetwork }) =>
      Object.keys(byNetwork).map((name) => outcomes[name]),
    );
    expect(right).toHaveLength(3 * 216);
    expect(right.filter((outcome) => outcome!.startsWith("ERR_"))).toEqual([]);
  });
});
