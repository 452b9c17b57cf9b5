import {
  ALLREDUCE_NAMES,
  ALGORITHMS,
  type Collective,
  type ReduceOp,
} from "@tsmpi/collective";
import {
  ArgumentError,
  MismatchError,
  ProcessFailedError,
  TimeoutError,
  type TypedArray,
} from "@tsmpi/protocol";
import { type TestRank, withRanks } from "../support/with-ranks";

const SIZES = [1, 2, 3, 5, 8];
const ranksOf = (size: number): number[] =>
  Array.from({ length: size }, (_, rank) => rank);
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

type Call = (rank: TestRank) => Promise<unknown>;

/** One call of each collective, with what the error message calls it. Roots are 0. */
const CALLS: Readonly<
  Record<Collective, { readonly call: Call; readonly text: string }>
> = {
  allreduce: {
    call: ({ communicator }) =>
      communicator.allreduce(new Float32Array(4), "SUM"),
    text: "allreduce(float32 × 4, SUM)",
  },
  reduce: {
    call: ({ communicator }) =>
      communicator.reduce(new Float32Array(4), "SUM", 0),
    text: "reduce(float32 × 4, SUM, root 0)",
  },
  bcast: {
    call: ({ communicator, rank }) =>
      communicator.bcast(rank === 0 ? bytes(1) : null, 0),
    text: "bcast(root 0)",
  },
  gather: {
    call: ({ communicator }) => communicator.gather(bytes(1), { root: 0 }),
    text: "gather(root 0)",
  },
  scatter: {
    call: ({ communicator, rank, size }) =>
      communicator.scatter(
        rank === 0 ? ranksOf(size).map(() => bytes(1)) : null,
        { root: 0 },
      ),
    text: "scatter(root 0)",
  },
  allgather: {
    call: ({ communicator }) => communicator.allgather(bytes(1)),
    text: "allgather()",
  },
  barrier: {
    call: ({ communicator }) => communicator.barrier(),
    text: "barrier()",
  },
};
const COLLECTIVES = Object.keys(CALLS) as Collective[];

/** The error that `promise` ends with, null if it ends well. */
const errorOf = (promise: Promise<unknown>): Promise<Error | null> =>
  promise.then(
    () => null,
    (error: Error) => error,
  );

describe("Communicator", () => {
  it("has a call for every collective that is registered", () => {
    expect(new Set(ALGORITHMS.map(({ collective }) => collective))).toEqual(
      new Set(COLLECTIVES),
    );
  });

  it.each(
    ALLREDUCE_NAMES.flatMap((name) =>
      SIZES.map((size) => [name, size] as const),
    ),
  )("allreduce by %s sums over %i ranks", async (allreduce, size) => {
    const { results } = await withRanks(
      size,
      async ({ communicator, rank }) => {
        const buffer = Float64Array.from({ length: 1000 }, (_, i) => rank + i);
        await communicator.allreduce(buffer, "SUM");
        return buffer;
      },
      { allreduce },
    );
    for (const result of results)
      expect(result).toEqual(
        Float64Array.from(
          { length: 1000 },
          (_, i) => (size * (size - 1)) / 2 + size * i,
        ),
      );
  });

  it("gathers, scatters and broadcasts values of different lengths", async () => {
    await withRanks(5, async ({ communicator, rank, size }) => {
      const own = new Uint8Array(rank).fill(rank);
      const all = ranksOf(size).map((peer) => new Uint8Array(peer).fill(peer));
      for (const root of ranksOf(size)) {
        const gathered = await communicator.gather(own, { root });
        expect(gathered?.map((block) => [...block])).toEqual(
          rank === root ? all.map((block) => [...block]) : undefined,
        );
        expect([
          ...(await communicator.scatter(rank === root ? all : null, { root })),
        ]).toEqual([...own]);
        expect([
          ...(await communicator.bcast(rank === root ? own : null, root)),
        ]).toEqual([...all[root]!]);
      }
      expect(
        (await communicator.allgather(own)).map((block) => [...block]),
      ).toEqual(all.map((block) => [...block]));
    });
  });

  it("keeps collectives apart that are under way at the same time", async () => {
    await withRanks(
      4,
      async ({ communicator, rank, size }) => {
        const buffers = ranksOf(20).map((call) =>
          Int32Array.from({ length: 50 }, () => call * 100 + rank),
        );
        const reductions = buffers.map((buffer) =>
          communicator.allreduce(buffer, "SUM"),
        );
        const values = ranksOf(20).map((call) =>
          communicator.bcast(
            rank === call % size ? bytes(call) : null,
            call % size,
          ),
        );
        const barrier = communicator.barrier();
        expect((await Promise.all(values)).map(([value]) => value)).toEqual(
          ranksOf(20),
        );
        await Promise.all([barrier, ...reductions]);
        buffers.forEach((buffer, call) =>
          expect(new Set(buffer)).toEqual(new Set([4 * call * 100 + 6])),
        );
      },
      { delays: { seed: 7 } },
    );
  });

  it("keeps point-to-point messages and collectives apart", async () => {
    await withRanks(2, async ({ communicator, rank }) => {
      await communicator.send(1 - rank, 0, bytes(rank));
      await communicator.barrier();
      const received = await communicator.receive(1 - rank, 0);
      expect(received).toMatchObject({ source: 1 - rank, tag: 0, dtype: null });
      expect([...received.bytes]).toEqual([1 - rank]);
    });
  });

  it("sends to itself", async () => {
    await withRanks(1, async ({ communicator }) => {
      await communicator.send(0, 3, bytes(9));
      expect([...(await communicator.receive(0, 3)).bytes]).toEqual([9]);
    });
  });
});

const mismatches = COLLECTIVES.flatMap((most) =>
  COLLECTIVES.map((odd) => [most, odd] as const),
).filter(([most, odd]) => most !== odd);

describe("MismatchError", () => {
  /** What each rank meets in `call` or, if that ended well for it, in the barrier after it. */
  const outcomes = async (size: number, call: Call) => {
    const { results } = await withRanks(
      size,
      async (rank) =>
        (await errorOf(call(rank))) ??
        (await errorOf(rank.communicator.barrier())),
      { inquiryMs: 20, timeoutMs: 2_000 },
    );
    return results;
  };
  const expectEverywhere = (
    errors: readonly (Error | null)[],
    ...texts: string[]
  ): void => {
    for (const error of errors) {
      expect(error).toBeInstanceOf(MismatchError);
      for (const text of texts) expect(error!.message).toContain(text);
    }
  };

  it.each(mismatches)(
    "is raised on every rank when one calls another collective: %s, but rank 1 %s",
    async (most, odd) => {
      for (const size of [2, 3, 5]) {
        const errors = await outcomes(size, (rank) =>
          (rank.rank === 1 ? CALLS[odd] : CALLS[most]).call(rank),
        );
        expectEverywhere(
          errors,
          CALLS[most].text,
          CALLS[odd].text,
          "rank 1 calls",
          "collective #0",
        );
      }
    },
  );

  const buffer = (length: number): TypedArray => new Float32Array(length);
  type Arguments = readonly [buffer: TypedArray, op: ReduceOp];
  const MOST: Arguments = [buffer(4), "SUM"];
  const ODD: Readonly<
    Record<string, { readonly given: Arguments; readonly text: string }>
  > = {
    count: { given: [buffer(5), "SUM"], text: "float32 × 5, SUM" },
    dtype: { given: [new Int32Array(4), "SUM"], text: "int32 × 4, SUM" },
    op: { given: [buffer(4), "MAX"], text: "float32 × 4, MAX" },
  };
  it.each(Object.entries(ODD))(
    "is raised on every rank when one has another %s",
    async (_, { given, text }) => {
      for (const size of [2, 3, 5, 8]) {
        const argumentsOf = (rank: number): Arguments => {
          const [like, op] = rank === size - 1 ? given : MOST;
          return [like.slice(), op];
        };
        const allreduce: Call = ({ communicator, rank }) =>
          communicator.allreduce(...argumentsOf(rank));
        expectEverywhere(
          await outcomes(size, allreduce),
          "allreduce(float32 × 4, SUM)",
          `allreduce(${text})`,
        );
        const reduce: Call = ({ communicator, rank }) =>
          communicator.reduce(...argumentsOf(rank), 0);
        expectEverywhere(
          await outcomes(size, reduce),
          "reduce(float32 × 4, SUM, root 0)",
          `reduce(${text}, root 0)`,
        );
      }
    },
  );

  const ROOTED: Readonly<
    Record<string, (rank: TestRank, root: number) => Promise<unknown>>
  > = {
    bcast: ({ communicator }, root) => communicator.bcast(bytes(1), root),
    reduce: ({ communicator }, root) =>
      communicator.reduce(new Float32Array(4), "SUM", root),
    gather: ({ communicator }, root) => communicator.gather(bytes(1), { root }),
    scatter: ({ communicator, size }, root) =>
      communicator.scatter(
        ranksOf(size).map(() => bytes(1)),
        { root },
      ),
  };
  it.each(Object.entries(ROOTED))(
    "is raised on every rank when one has another root: %s",
    async (_, call) => {
      for (const size of [2, 3, 5]) {
        const errors = await outcomes(size, (rank) =>
          call(rank, rank.rank === 1 ? 1 : 0),
        );
        expectEverywhere(errors, "root 0", "root 1");
      }
    },
  );

  it("leaves later calls alone", async () => {
    await withRanks(
      3,
      async (rank) => {
        const { communicator } = rank;
        const call =
          rank.rank === 1
            ? communicator.barrier()
            : communicator.allreduce(new Float32Array(1), "SUM");
        await expect(call).rejects.toThrow(MismatchError);
        const buffer = Float32Array.of(1);
        await communicator.allreduce(buffer, "SUM");
        expect(buffer[0]).toBe(3);
      },
      { inquiryMs: 20 },
    );
  });
});

describe("Communicator.refuse", () => {
  it.each(COLLECTIVES.filter((collective) => collective !== "barrier"))(
    "makes %s fail on every rank that takes part in it",
    async (collective) => {
      const size = 3;
      const { results } = await withRanks(size, (rank) => {
        // The root of a broadcast or a scatter waits for nobody, and a leaf of a reduction neither.
        const refusing =
          collective === "bcast" || collective === "scatter" ? 0 : 2;
        const error = new ArgumentError("expecting 3 items, got 2");
        return errorOf(
          rank.rank === refusing
            ? rank.communicator.refuse(collective, error)
            : CALLS[collective].call(rank),
        );
      });
      const waits = results.filter((error) => error !== null);
      for (const error of waits)
        expect(error).toMatchObject({
          name: "ArgumentError",
          message: "expecting 3 items, got 2",
        });
      if (collective !== "reduce" && collective !== "gather")
        expect(waits).toHaveLength(size);
      else expect(results[0]).not.toBeNull();
    },
  );

  it("leaves the communicator usable", async () => {
    await withRanks(3, async ({ communicator, rank }) => {
      await errorOf(
        rank === 1
          ? communicator.refuse("barrier", new ArgumentError("no"))
          : communicator.barrier(),
      );
      expect(await communicator.allgather(bytes(rank))).toHaveLength(3);
    });
  });
});

describe("A rank that is lost", () => {
  it.each(COLLECTIVES)(
    "makes %s raise on all others that wait, before or during the call",
    async (collective) => {
      for (const when of ["before", "during"]) {
        const error = new ProcessFailedError("no heartbeat from rank 1", [1]);
        const { results } = await withRanks(4, async (rank) => {
          const lose = () =>
            rank.mailbox.failSource(1, { error, inOrder: false });
          if (rank.rank === 1) return "lost";
          if (when === "before") lose();
          const outcome = errorOf(CALLS[collective].call(rank));
          if (when === "during") setImmediate(lose);
          return outcome;
        });
        // In these nobody waits for rank 1 but the root; who only sends, or waits for the root alone, is done.
        const dependsOn = {
          bcast: [],
          scatter: [],
          gather: [0],
          reduce: [0],
        } as Readonly<Partial<Record<Collective, number[]>>>;
        for (const rank of dependsOn[collective] ?? [0, 2, 3])
          expect(results[rank]).toMatchObject({
            name: "ProcessFailedError",
            failedRanks: [1],
          });
      }
    },
  );

  it("makes a receive from it raise, and leaves others alone", async () => {
    await withRanks(3, async ({ communicator, mailbox, rank }) => {
      if (rank !== 0) return communicator.send(0, 0, bytes(rank));
      await communicator.receive(1, 0);
      const waiting = errorOf(communicator.receive(1, 0));
      mailbox.failSource(1, {
        error: new ProcessFailedError("gone", [1]),
        inOrder: false,
      });
      expect(await waiting).toBeInstanceOf(ProcessFailedError);
      expect([...(await communicator.receive(2, 0)).bytes]).toEqual([2]);
    });
  });
});

describe("TimeoutError", () => {
  it("is raised on every rank of a collective that one does not join, and names it", async () => {
    const { results } = await withRanks(
      3,
      async ({ communicator, rank }) =>
        rank === 2 ? null : errorOf(communicator.barrier()),
      { timeoutMs: 100, inquiryMs: 20 },
    );
    for (const error of results.slice(0, 2)) {
      expect(error).toBeInstanceOf(TimeoutError);
      expect(error!.message).toMatch(
        /^\[rank [01]\] barrier\(\) #0 did not end within 0.1 s: rank [01] waits for rank 2$/,
      );
    }
  });
});
