import { setTimeout as sleep } from "node:timers/promises";
import {
  ALGORITHM_NAMES,
  ALGORITHMS,
  type CallDescription,
  type Collective,
  COLLECTIVES,
  type ReduceOp,
} from "@tsmpi/collective";
import {
  ArgumentError,
  dtypeOf,
  InternalError,
  MismatchError,
  ProcessFailedError,
  TimeoutError,
  type TypedArray,
} from "@tsmpi/protocol";
import {
  type TestRank,
  withRanks,
  type WithRanksOptions,
} from "../support/with-ranks";

const SIZES = [1, 2, 3, 5, 8];
const ranksOf = (size: number): number[] =>
  Array.from({ length: size }, (_, rank) => rank);
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
/** What a call gives as it is. */
const same = <T>(received: T): T => received;
/** What every rank says of a reduction of `buffer`. */
const reducing = <Name extends CallDescription["name"]>(
  name: Name,
  buffer: TypedArray,
  op: ReduceOp = "SUM",
) => ({ name, dtype: dtypeOf(buffer)!, count: buffer.length, op });
const floats = (): Float32Array => new Float32Array(4);

type About = Parameters<TestRank["communicator"]["barrier"]>[1];
type Call = (rank: TestRank, about?: About) => Promise<unknown>;

/** One call of each collective, with what the error message calls it. Roots are 0. */
const CALLS: Readonly<
  Record<
    Collective,
    {
      readonly call: Call;
      readonly name: CallDescription["name"];
      readonly text: string;
    }
  >
> = {
  allreduce: {
    name: "allreduce",
    call: ({ communicator }, about) =>
      communicator.allreduce(reducing("allreduce", floats()), floats(), about),
    text: "allreduce(float32 × 4, SUM)",
  },
  reduce: {
    name: "reduce",
    call: ({ communicator }, about) =>
      communicator.reduce(
        { ...reducing("reduce", floats()), root: 0 },
        floats(),
        about,
      ),
    text: "reduce(float32 × 4, SUM, root 0)",
  },
  bcast: {
    name: "bcast",
    call: ({ communicator, rank }, about) =>
      communicator.bcast(
        { name: "bcast", root: 0 },
        rank === 0 ? bytes(1) : null,
        about,
        same,
      ),
    text: "bcast(root 0)",
  },
  gather: {
    name: "gather",
    call: ({ communicator }, about) =>
      communicator.gather({ name: "gather", root: 0 }, bytes(1), about, same),
    text: "gather(root 0)",
  },
  scatter: {
    name: "scatter",
    call: ({ communicator, rank, size }, about) =>
      communicator.scatter(
        { name: "scatter", root: 0 },
        rank === 0 ? ranksOf(size).map(() => bytes(1)) : null,
        about,
        same,
      ),
    text: "scatter(root 0)",
  },
  allgather: {
    name: "allgather",
    call: ({ communicator }, about) =>
      communicator.allgather({ name: "allgather" }, bytes(1), about, same),
    text: "allgather()",
  },
  barrier: {
    name: "barrier",
    call: ({ communicator }, about) =>
      communicator.barrier({ name: "barrier" }, about),
    text: "barrier()",
  },
  alltoall: {
    name: "alltoall",
    call: ({ communicator, size }, about) =>
      communicator.alltoall(
        { name: "alltoall" },
        ranksOf(size).map(() => bytes(1)),
        about,
        same,
      ),
    text: "alltoall()",
  },
  reduceScatter: {
    name: "reduce_scatter",
    call: ({ communicator, size }, about) =>
      communicator.reduceScatter(
        reducing("reduce_scatter", floats()),
        floats(),
        ranksOf(size).map((peer) => (peer === size - 1 ? 4 : 0)),
        about,
      ),
    text: "reduce_scatter(float32 × 4, SUM)",
  },
  scan: {
    name: "scan",
    call: ({ communicator }, about) =>
      communicator.scan(reducing("scan", floats()), floats(), about),
    text: "scan(float32 × 4, SUM)",
  },
  exscan: {
    name: "exscan",
    call: ({ communicator }, about) =>
      communicator.exscan(reducing("exscan", floats()), floats(), about),
    text: "exscan(float32 × 4, SUM)",
  },
};

/** The error that `promise` ends with, null if it ends well. */
const errorOf = (promise: Promise<unknown>): Promise<Error | null> =>
  promise.then(
    () => null,
    (error: Error) => error,
  );

describe("Communicator", () => {
  it("has an algorithm for every collective", () => {
    expect(new Set(ALGORITHMS.map(({ collective }) => collective))).toEqual(
      new Set(COLLECTIVES),
    );
  });

  it.each(
    ALGORITHM_NAMES.allreduce.flatMap((name) =>
      SIZES.map((size) => [name, size] as const),
    ),
  )("allreduce by %s sums over %i ranks", async (allreduce, size) => {
    const { results } = await withRanks(
      size,
      async ({ communicator, rank }) => {
        const buffer = Float64Array.from({ length: 1000 }, (_, i) => rank + i);
        await communicator.allreduce(reducing("allreduce", buffer), buffer);
        return buffer;
      },
      { forced: { allreduce } },
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
        const gathered = await communicator.gather(
          { name: "gather", root },
          own,
          undefined,
          same,
        );
        expect(gathered?.map((block) => [...block])).toEqual(
          rank === root ? all.map((block) => [...block]) : undefined,
        );
        const scattered = await communicator.scatter(
          { name: "scatter", root },
          rank === root ? all : null,
          undefined,
          same,
        );
        expect([...scattered]).toEqual([...own]);
        const broadcast = await communicator.bcast(
          { name: "bcast", root },
          rank === root ? own : null,
          undefined,
          same,
        );
        expect([...broadcast]).toEqual([...all[root]!]);
      }
      const everywhere = await communicator.allgather(
        { name: "allgather" },
        own,
        undefined,
        same,
      );
      expect(everywhere.map((block) => [...block])).toEqual(
        all.map((block) => [...block]),
      );
      const exchanged = await communicator.alltoall(
        { name: "alltoallv" },
        ranksOf(size).map((peer) => new Uint8Array(peer + 1).fill(rank)),
        undefined,
        same,
      );
      expect(exchanged.map((block) => [...block])).toEqual(
        ranksOf(size).map((peer) => Array<number>(rank + 1).fill(peer)),
      );
    });
  });

  it("reduces, scattered and along the ranks, and averages", async () => {
    await withRanks(5, async ({ communicator, rank, size }) => {
      const counts = ranksOf(size);
      const length = 10;
      const buffer = (): Float64Array =>
        Float64Array.from({ length }, (_, i) => (rank + 1) * (i + 1));
      const sumTo = (last: number, i: number): number =>
        ((last * (last + 1)) / 2) * (i + 1);

      const scattered = buffer();
      await communicator.reduceScatter(
        reducing("reduce_scatter", scattered),
        scattered,
        counts,
      );
      const start = (rank * (rank - 1)) / 2;
      expect([...scattered.subarray(start, start + rank)]).toEqual(
        ranksOf(rank).map((i) => sumTo(size, start + i)),
      );

      const along = buffer();
      await communicator.scan(reducing("scan", along), along);
      expect([...along]).toEqual(
        ranksOf(length).map((i) => sumTo(rank + 1, i)),
      );

      const below = buffer();
      await communicator.exscan(reducing("exscan", below), below);
      expect([...below]).toEqual(
        ranksOf(length).map((i) => (rank === 0 ? i + 1 : sumTo(rank, i))),
      );

      const average = buffer();
      await communicator.allreduce(
        reducing("allreduce", average, "AVG"),
        average,
      );
      expect([...average]).toEqual(
        ranksOf(length).map((i) => sumTo(size, i) / size),
      );
    });
  });

  it("exchanges blocks with neighbours, also several with one, and with itself", async () => {
    await withRanks(3, async ({ communicator, rank, size }) => {
      const right = (rank + 1) % size;
      const left = (rank + size - 1) % size;
      const received = await communicator.exchange(
        { name: "neighbor_alltoall" },
        {
          blocks: [bytes(rank, 1), bytes(rank, 2), bytes(rank, 3), bytes()],
          destinations: [right, right, rank, left],
          sources: [right, left, rank, left],
        },
        undefined,
        same,
      );
      expect(received.map((block) => [...block])).toEqual([
        ...[[], [left, 1], [rank, 3], [left, 2]],
      ]);
    });
  });

  it("keeps messages of a pair in order, though the long ones leave in parts", async () => {
    const lengths = [9 << 20, 3, (4 << 20) + 1, 4 << 20, 0, 1];
    await withRanks(
      2,
      async ({ communicator, rank, size }) => {
        const peers = lengths.map(() => (rank + 1) % size);
        const received = await communicator.exchange(
          { name: "neighbor_alltoall" },
          {
            blocks: lengths.map((length, i) =>
              new Uint8Array(length).fill(10 * rank + i),
            ),
            destinations: peers,
            sources: peers,
          },
          undefined,
          same,
        );
        expect(received.map(({ byteLength }) => byteLength)).toEqual(lengths);
        received.forEach((block, i) =>
          expect(
            Buffer.compare(
              block,
              new Uint8Array(lengths[i]!).fill(10 * (1 - rank) + i),
            ),
          ).toBe(0),
        );
      },
      { delays: { seed: 3 } },
    );
  });

  it("raises what `finish` raises, and goes on", async () => {
    await withRanks(3, async ({ communicator, rank }) => {
      const call = communicator.allgather(
        { name: "allgather" },
        bytes(rank),
        undefined,
        () => {
          throw new ArgumentError(`does not fit rank ${rank}`);
        },
      );
      await expect(call).rejects.toThrow(/does not fit rank \d/);
      await communicator.barrier({ name: "barrier" });
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
          communicator.allreduce(reducing("allreduce", buffer), buffer),
        );
        const values = ranksOf(20).map((call) =>
          communicator.bcast(
            { name: "bcast", root: call % size },
            rank === call % size ? bytes(call) : null,
            undefined,
            same,
          ),
        );
        const barrier = communicator.barrier({ name: "barrier" });
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
});

const barrier: Call = CALLS.barrier.call;
const mismatches = COLLECTIVES.flatMap((most) =>
  COLLECTIVES.map((odd) => [most, odd] as const),
).filter(([most, odd]) => most !== odd);
const QUICK = { inquiryMs: 20, reportMs: 300, timeoutMs: 2_000 };

describe("MismatchError", () => {
  /** What each rank meets in `call` or, if that ended well for it, in the barrier after it. */
  const outcomes = async (size: number, call: Call) => {
    const { results } = await withRanks(
      size,
      async (rank) =>
        (await errorOf(call(rank))) ?? (await errorOf(barrier(rank))),
      QUICK,
    );
    return results;
  };
  /** `lines`: of the list of calls. */
  const expectEverywhere = (
    errors: readonly (Error | null)[],
    ...lines: string[]
  ): void => {
    for (const error of errors) {
      expect(error).toBeInstanceOf(MismatchError);
      expect(error!.message).toBe(
        [
          "the ranks differ in collective #0; every rank must make the same calls in the same order",
          ...lines.map((line) => `  ${line}`),
        ].join("\n"),
      );
    }
  };
  /** `ranks 0, 2`, or `rank 2`. */
  const others = (size: number, odd: number): string => {
    const ranks = ranksOf(size).filter((rank) => rank !== odd);
    return `rank${ranks.length > 1 ? "s" : ""} ${ranks.join(", ")}`;
  };

  it.each(mismatches)(
    "is raised on every rank when one calls another collective: %s, but rank 1 %s",
    async (most, odd) => {
      await Promise.all(
        [2, 3, 5].map(async (size) => {
          const errors = await outcomes(size, (rank) =>
            (rank.rank === 1 ? CALLS[odd] : CALLS[most]).call(rank),
          );
          expectEverywhere(
            errors,
            `${others(size, 1)}: ${CALLS[most].text}`,
            `rank 1: ${CALLS[odd].text}`,
          );
        }),
      );
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
        const last = size - 1;
        const argumentsOf = (rank: number): Arguments => {
          const [like, op] = rank === last ? given : MOST;
          return [like.slice(), op];
        };
        const allreduce: Call = ({ communicator, rank }) => {
          const [own, op] = argumentsOf(rank);
          return communicator.allreduce(reducing("allreduce", own, op), own);
        };
        expectEverywhere(
          await outcomes(size, allreduce),
          `${others(size, last)}: allreduce(float32 × 4, SUM)`,
          `rank ${last}: allreduce(${text})`,
        );
        const reduce: Call = ({ communicator, rank }) => {
          const [own, op] = argumentsOf(rank);
          return communicator.reduce(
            { ...reducing("reduce", own, op), root: 0 },
            own,
          );
        };
        expectEverywhere(
          await outcomes(size, reduce),
          `${others(size, last)}: reduce(float32 × 4, SUM, root 0)`,
          `rank ${last}: reduce(${text}, root 0)`,
        );
      }
    },
  );

  const ROOTED: Readonly<
    Record<string, (rank: TestRank, root: number) => Promise<unknown>>
  > = {
    bcast: ({ communicator }, root) =>
      communicator.bcast({ name: "bcast", root }, bytes(1), undefined, same),
    reduce: ({ communicator }, root) =>
      communicator.reduce({ ...reducing("reduce", floats()), root }, floats()),
    gather: ({ communicator }, root) =>
      communicator.gather({ name: "gather", root }, bytes(1), undefined, same),
    scatter: ({ communicator, size }, root) =>
      communicator.scatter(
        { name: "scatter", root },
        ranksOf(size).map(() => bytes(1)),
        undefined,
        same,
      ),
  };
  it.each(Object.entries(ROOTED))(
    "is raised on every rank when one has another root: %s",
    async (_, call) => {
      for (const size of [2, 3, 5]) {
        const errors = await outcomes(size, (rank) =>
          call(rank, rank.rank === 1 ? 1 : 0),
        );
        for (const error of errors) {
          expect(error).toBeInstanceOf(MismatchError);
          expect(error!.message).toMatch(/^ {2}ranks? 0.*root 0\)$/m);
          expect(error!.message).toMatch(/^ {2}rank 1: .*root 1\)$/m);
        }
      }
    },
  );

  it("is raised on every rank when calls of one kind of messages have other names", async () => {
    const errors = await outcomes(3, ({ communicator, rank }) =>
      communicator.allgather(
        { name: rank === 2 ? "Split" : "Dup" },
        bytes(rank),
        undefined,
        same,
      ),
    );
    expectEverywhere(errors, "ranks 0, 1: Dup()", "rank 2: Split()");
  });

  it("says where in its program each rank makes its call; ranks that say the same share a line", async () => {
    const sites = ["a.ts:1:1", "a.ts:1:1", null, "b.ts:2:2", "a.ts:1:1"];
    const errors = await outcomes(5, (rank) =>
      (rank.rank === 4 ? barrier : CALLS.allgather.call)(rank, {
        site: () => Promise.resolve(sites[rank.rank]!),
      }),
    );
    expectEverywhere(
      errors,
      "ranks 0, 1: allgather() at a.ts:1:1",
      "rank 2: allgather()",
      "rank 3: allgather() at b.ts:2:2",
      "rank 4: barrier() at a.ts:1:1",
    );
  });

  it("asks nobody where its calls are made as long as ranks agree", async () => {
    await withRanks(3, async (rank) => {
      for (const { call } of Object.values(CALLS))
        await call(rank, {
          site: () => Promise.reject(new Error("nobody needs to know")),
        });
    });
  });

  it("says of a rank that is not there yet that it has not made the call, and is raised there when it does", async () => {
    const calls = [barrier, CALLS.allgather.call, barrier];
    const { results } = await withRanks(
      3,
      async (rank) => {
        if (rank.rank === 2) await sleep(400);
        return errorOf(calls[rank.rank]!(rank));
      },
      { inquiryMs: 20, reportMs: 100 },
    );
    expectEverywhere(
      results.slice(0, 2),
      "rank 0: barrier()",
      "rank 1: allgather()",
      "rank 2: has not made this call",
    );
    expectEverywhere(
      results.slice(2),
      "ranks 0, 2: barrier()",
      "rank 1: allgather()",
    );
  });

  /** Rank 2 makes another call than the others; by then theirs, a broadcast, has ended well. */
  const tooLate: Call = async (rank) => {
    if (rank.rank !== 2) return CALLS.bcast.call(rank);
    await sleep(50);
    return CALLS.allgather.call(rank);
  };

  it("is raised in the next call of a rank whose call has ended well", async () => {
    const { results } = await withRanks(
      3,
      async (rank) => [
        await errorOf(tooLate(rank)),
        await errorOf(CALLS.alltoall.call(rank)),
      ],
      QUICK,
    );
    expect(results.map(([first]) => first === null)).toEqual([
      ...[true, true, false],
    ]);
    expectEverywhere(
      results.map(([first, second]) => first ?? second ?? null),
      "ranks 0, 1: bcast(root 0)",
      "rank 2: allgather()",
    );
  });

  it("is raised in the next call, even if that is made only when all is known", async () => {
    const { results } = await withRanks(
      3,
      async (rank) => {
        const first = await errorOf(tooLate(rank));
        await sleep(2 * QUICK.reportMs);
        return first ?? (await errorOf(barrier(rank)));
      },
      QUICK,
    );
    expectEverywhere(
      results,
      "ranks 0, 1: bcast(root 0)",
      "rank 2: allgather()",
    );
  });

  it("leaves later calls alone", async () => {
    await withRanks(
      3,
      async (rank) => {
        const { communicator } = rank;
        const call = rank.rank === 1 ? barrier : CALLS.allreduce.call;
        await expect(call(rank)).rejects.toThrow(MismatchError);
        const sum = Float32Array.of(1);
        await communicator.allreduce(reducing("allreduce", sum), sum);
        expect(sum[0]).toBe(3);
      },
      QUICK,
    );
  });

  it("leaves later calls alone, if it was raised in the one after that in which ranks differ", async () => {
    await withRanks(
      3,
      async (rank) => {
        const { communicator } = rank;
        const first = await errorOf(tooLate(rank));
        const second = await errorOf(barrier(rank));
        expect(first ?? second).toBeInstanceOf(MismatchError);
        for (let time = 0; time < 3; time++) {
          const sum = Float32Array.of(1);
          await communicator.allreduce(reducing("allreduce", sum), sum);
          expect(sum[0]).toBe(3);
          // Until whatever may still be on its way, or wait for its time, has come.
          await sleep(QUICK.reportMs);
        }
      },
      QUICK,
    );
  });
});

describe("Communicator.watch", () => {
  const name = "barrier";

  it.each(["before", "after"])(
    "has the next call raise what is told %s the call has ended well in shared memory",
    async (when) => {
      const { results } = await withRanks(2, async ({ rank, communicator }) => {
        if (rank === 0) {
          if (when === "after") await sleep(100);
          return errorOf(
            communicator.refuse({ name }, new InternalError("broken")),
          );
        }
        const watching = errorOf(communicator.watch({ name }, { number: 0 }));
        if (when === "before") await watching;
        communicator.endWatch(0, true);
        await sleep(200);
        return errorOf(communicator.barrier({ name }, { number: 4 }));
      });
      expect(results[1]).toMatchObject({ message: "broken" });
    },
  );

  it("drops what is told of a call that this rank knows to have failed", async () => {
    await withRanks(2, async ({ rank, communicator }) => {
      if (rank === 0)
        await errorOf(
          communicator.refuse({ name }, new InternalError("broken")),
        );
      else {
        await errorOf(communicator.watch({ name }, { number: 0 }));
        communicator.endWatch(0, false);
      }
      await communicator.barrier({ name }, { number: 1 });
    });
  });
});

describe("Communicator.refuse", () => {
  const refuse = ({ communicator }: TestRank, name: CallDescription["name"]) =>
    communicator.refuse(
      { name },
      new ArgumentError("expecting 3 items, got 2"),
    );

  /** Who must be the one, for somebody to wait for it. */
  const FIRST = new Set<Collective>(["bcast", "scatter", "scan", "exscan"]);
  /** Not everybody waits for it, and who does not is done before it refuses. */
  const WAITS_FOR = { reduce: [0], gather: [0] } as Readonly<
    Partial<Record<Collective, readonly number[]>>
  >;

  it.each(COLLECTIVES)(
    "makes %s fail on every rank that takes part in it",
    async (collective) => {
      const size = 3;
      const refusing = FIRST.has(collective) ? 0 : 2;
      const { call, name } = CALLS[collective];
      const { results } = await withRanks(size, (rank) =>
        errorOf(rank.rank === refusing ? refuse(rank, name) : call(rank)),
      );
      for (const error of results)
        if (error !== null)
          expect(error).toMatchObject({
            name: "ArgumentError",
            message: "expecting 3 items, got 2",
          });
      const failed = ranksOf(size).filter((rank) => results[rank] !== null);
      expect(failed).toEqual(
        expect.arrayContaining([...(WAITS_FOR[collective] ?? ranksOf(size))]),
      );
    },
  );

  it("makes a call fail of which it does not know what the others say of it", async () => {
    const { results } = await withRanks(3, (rank) =>
      errorOf(
        rank.rank === 1
          ? refuse(rank, "allreduce")
          : CALLS.allreduce.call(rank),
      ),
    );
    for (const error of results) expect(error).toBeInstanceOf(ArgumentError);
  });

  it("leaves the communicator usable", async () => {
    await withRanks(3, async (rank) => {
      await errorOf(rank.rank === 1 ? refuse(rank, "barrier") : barrier(rank));
      await CALLS.allgather.call(rank);
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
        // In these nobody waits for rank 1 but the root, or who is above it; the others are done.
        const dependsOn = {
          bcast: [],
          scatter: [],
          gather: [0],
          reduce: [0],
          scan: [2, 3],
          exscan: [2, 3],
        } as Readonly<Partial<Record<Collective, number[]>>>;
        for (const rank of dependsOn[collective] ?? [0, 2, 3])
          expect(results[rank]).toMatchObject({
            name: "ProcessFailedError",
            failedRanks: [1],
          });
      }
    },
  );
});

describe("A rank that waits", () => {
  /** A world of 3 in which rank 2 stays away from the barrier for `awayMs`; what the others warn of. */
  async function warnings(
    awayMs: number,
    away: (rank: TestRank) => Promise<unknown> = () => sleep(awayMs),
    options: WithRanksOptions = {},
  ): Promise<string[]> {
    const lines: string[] = [];
    await withRanks(
      3,
      async (rank) => {
        if (rank.rank === 2) await away(rank);
        await barrier(rank);
      },
      {
        inquiryMs: 20,
        stallWarnMs: 150,
        onWarning: (rank, text) => lines.push(`rank ${rank}: ${text}`),
        ...options,
      },
    );
    return lines.sort();
  }

  it("warns once of whom it waits for, and what that one does", async () => {
    const lines = await warnings(450);
    expect(lines).toHaveLength(2);
    for (const [rank, line] of lines.entries())
      expect(line).toMatch(
        new RegExp(
          `^rank ${rank}: barrier\\(\\) #0 waits since 0\\.\\d s: rank 2 is computing, and has made no collective call yet; the call waits for it$`,
        ),
      );
  });

  it("names who is missing, not who waits itself", async () => {
    // Rank 1 waits for the root, the root for rank 2.
    const lines: string[] = [];
    await withRanks(
      3,
      async (rank) => {
        if (rank.rank === 2) await sleep(450);
        await rank.communicator.allreduce(
          reducing("allreduce", floats()),
          floats(),
        );
      },
      {
        forced: { allreduce: "gather-root" },
        inquiryMs: 20,
        stallWarnMs: 150,
        onWarning: (rank, text) => lines.push(`rank ${rank}: ${text}`),
      },
    );
    expect(lines.sort()[1]).toMatch(
      /^rank 1: .+: rank 2 is computing, and has made no collective call yet; the call waits for it$/,
    );
  });

  it("says of one whose collectives go on in another communicator which one it is in", async () => {
    const [line] = await warnings(0, async ({ activity }) => {
      const call = { text: "allreduce(float32 × 1000, SUM) #412" };
      activity.begin(call);
      await sleep(450);
      activity.end(call);
    });
    expect(line).toMatch(
      /: rank 2 is in allreduce\(float32 × 1000, SUM\) #412 since 0\.\d s; the call waits for it$/,
    );
  });

  it("says of one that computes what it has done last", async () => {
    const [line] = await warnings(0, async ({ activity }) => {
      const call = { text: "bcast(root 0) #7" };
      activity.begin(call);
      activity.end(call);
      await sleep(450);
    });
    expect(line).toMatch(
      /: rank 2 is computing; its last collective, bcast\(root 0\) #7, ended 0\.\d s ago; the call waits for it$/,
    );
  });

  it("warns of nobody before its time", async () => {
    expect(await warnings(50)).toEqual([]);
  });
});

describe("TimeoutError", () => {
  it("is raised on every rank of a collective that one does not join, and names it", async () => {
    const { results } = await withRanks(
      3,
      async (rank) => (rank.rank === 2 ? null : errorOf(barrier(rank))),
      { timeoutMs: 100, inquiryMs: 20 },
    );
    for (const error of results.slice(0, 2)) {
      expect(error).toBeInstanceOf(TimeoutError);
      expect(error!.message).toMatch(
        /^\[rank ([01])\] barrier\(\) #0 did not end within 0.1 s: rank 2 is computing, and has made no collective call yet; the call waits for it$/,
      );
    }
  });

  it("comes after the time of one call, if that has one of its own", async () => {
    const { results } = await withRanks(
      2,
      async (rank) => {
        if (rank.rank === 1) return null;
        const startMs = performance.now();
        const error = await errorOf(barrier(rank, { timeoutMs: 150 }));
        return { error, tookMs: performance.now() - startMs };
      },
      { timeoutMs: 5_000 },
    );
    const { error, tookMs } = results[0]!;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error!.message).toContain("barrier() #0 did not end within 0.15 s");
    expect(tookMs).toBeGreaterThanOrEqual(149);
    expect(tookMs).toBeLessThan(2_000);
  });

  it("comes late, if the time of one call is longer", async () => {
    await withRanks(
      2,
      async (rank) => {
        if (rank.rank === 1) await sleep(200);
        await barrier(rank, { timeoutMs: 5_000 });
      },
      { timeoutMs: 50 },
    );
  });
});
