import { setTimeout as sleep } from "node:timers/promises";
import { MPI } from "tsmpi";
import { equal, ok, rejects, throws, until } from "../check.mts";
import type { Comm, Context, Suite } from "../suite.mts";
import { range, repeat } from "../support/loops.mts";

/** Long enough for all ranks to come to a call on a busy machine; two deadlines are over before the late rank comes. */
const DEADLINE_MS = 500;
const LATE_MS = 1_500;

/** A call that one rank makes in its own way. */
interface Disagreement {
  readonly about: string;
  readonly most: (comm: Comm) => unknown;
  readonly one: (comm: Comm) => unknown;
  /** Words of the message. */
  readonly names: readonly RegExp[];
}

const ints = (length: number) => new Int32Array(length);

const DISAGREEMENTS: readonly Disagreement[] = [
  {
    about: "the op of an allreduce of values",
    most: (comm) => comm.allreduce(1, MPI.SUM),
    one: (comm) => comm.allreduce(1, MPI.MAX),
    names: [/SUM/, /MAX/],
  },
  {
    about: "the op of an allreduce of buffers",
    most: (comm) => comm.Allreduce(MPI.IN_PLACE, ints(3), MPI.SUM),
    one: (comm) => comm.Allreduce(MPI.IN_PLACE, ints(3), MPI.PROD),
    names: [/SUM/, /PROD/],
  },
  {
    about: "the op of a scan",
    most: (comm) => comm.Scan(MPI.IN_PLACE, ints(3), MPI.SUM),
    one: (comm) => comm.Scan(MPI.IN_PLACE, ints(3), MPI.MIN),
    names: [/SUM/, /MIN/],
  },
  {
    about: "the count of an allreduce",
    most: (comm) => comm.Allreduce(MPI.IN_PLACE, ints(3)),
    one: (comm) => comm.Allreduce(MPI.IN_PLACE, ints(4)),
    names: [/\b3\b/, /\b4\b/],
  },
  {
    about: "the count of a large allreduce",
    most: (comm) => comm.Allreduce(MPI.IN_PLACE, ints(100_000)),
    one: (comm) => comm.Allreduce(MPI.IN_PLACE, ints(100_001)),
    names: [/100000/, /100001/],
  },
  {
    about: "the count of a broadcast",
    most: (comm) => comm.Bcast(ints(3), 0),
    one: (comm) => comm.Bcast(ints(5), 0),
    names: [/\b3\b/, /\b5\b/],
  },
  {
    about: "the count of a gather",
    most: (comm) => comm.Allgather(ints(2), ints(2 * comm.size)),
    one: (comm) => comm.Allgather(ints(3), ints(3 * comm.size)),
    names: [/\b2\b/, /\b3\b/],
  },
  {
    about: "the dtype of an allreduce",
    most: (comm) => comm.Allreduce(MPI.IN_PLACE, ints(3)),
    one: (comm) => comm.Allreduce(MPI.IN_PLACE, new Float32Array(3)),
    names: [/int32/, /float32/],
  },
  {
    about: "the dtype of 16 bits",
    most: (comm) =>
      comm.Allreduce(MPI.IN_PLACE, [new Uint16Array(3), "float16"]),
    one: (comm) =>
      comm.Allreduce(MPI.IN_PLACE, [new Uint16Array(3), "bfloat16"]),
    names: [/\bfloat16/, /bfloat16/],
  },
  {
    about: "the dtype of a broadcast",
    most: (comm) => comm.Bcast(ints(4), 0),
    one: (comm) => comm.Bcast(new Float64Array(2), 0),
    names: [/int32/, /float64/],
  },
  {
    about: "the root of a broadcast of values",
    most: (comm) => comm.bcast("value", 0),
    one: (comm) => comm.bcast("value", 1),
    names: [/root/],
  },
  {
    about: "the root of a reduction",
    most: (comm) => comm.Reduce(ints(3), ints(3), MPI.SUM, 0),
    one: (comm) => comm.Reduce(ints(3), ints(3), MPI.SUM, 1),
    names: [/root/],
  },
  {
    about: "the root of a gather",
    most: (comm) => comm.gather(1, 0),
    one: (comm) => comm.gather(1, 1),
    names: [/root/],
  },
  {
    about: "the root of a scatter",
    most: (comm) => comm.scatter(repeat(1, comm.size), 0),
    one: (comm) => comm.scatter(repeat(1, comm.size), 1),
    names: [/root/],
  },
  {
    about: "the grid of a new communicator",
    most: (comm) => comm.Create_cart([1]),
    one: (comm) => comm.Create_cart([2]),
    names: [/Create_cart\(.*"dims":\[1\]/, /Create_cart\(.*"dims":\[2\]/],
  },
  {
    about: "who gets how much of a reduction",
    most: (comm) =>
      comm.Reduce_scatter(ints(comm.size), ints(1), repeat(1, comm.size)),
    one: (comm) =>
      comm.Reduce_scatter(
        ints(comm.size),
        ints(comm.rank === 0 ? comm.size : 0),
        [comm.size, ...repeat(0, comm.size - 1)],
      ),
    names: [/reduce_scatter\(.*\[1,1/, /reduce_scatter\(.*\[\d,0/],
  },
  {
    about: "how much comes from whom",
    most: (comm) =>
      comm.Allgatherv(ints(1), [ints(comm.size), repeat(1, comm.size)]),
    one: (comm) =>
      comm.Allgatherv(ints(2), [ints(2 * comm.size), repeat(2, comm.size)]),
    names: [/allgatherv\(.*\[1,1/, /allgatherv\(.*\[2,2/],
  },
  {
    about: "which call it is, of values",
    most: (comm) => comm.allreduce(1),
    one: (comm) => comm.allgather(1),
    names: [/allreduce/i, /allgather/i],
  },
  {
    about: "which call it is, of buffers",
    most: (comm) => comm.Allreduce(MPI.IN_PLACE, ints(3)),
    one: (comm) => comm.Bcast(ints(3), 0),
    names: [/allreduce/i, /bcast/i],
  },
  {
    about: "whether it is of values or of buffers",
    most: (comm) => comm.Bcast(ints(3), 0),
    one: (comm) => comm.bcast("value", 0),
    names: [/bcast/i],
  },
  {
    about: "whether to reduce or to wait",
    most: (comm) => comm.allreduce(1),
    one: (comm) => comm.barrier(),
    names: [/allreduce/i, /barrier/i],
  },
  {
    about: "the order of two calls",
    most: (comm) => [comm.allreduce(1), comm.barrier()],
    one: (comm) => [comm.barrier(), comm.allreduce(1)],
    names: [/allreduce/i, /barrier/i],
  },
  {
    about: "whether to scatter or to exchange",
    most: (comm) => comm.alltoall(repeat(1, comm.size)),
    one: (comm) => comm.scatter(repeat(1, comm.size), 0),
    names: [/alltoall/i, /scatter/i],
  },
  {
    about: "whether to split or to duplicate",
    most: (comm) => comm.Split(0),
    one: (comm) => comm.Dup(),
    names: [/split/i, /dup/i],
  },
  {
    about: "the grid to make",
    most: (comm) => comm.Create_cart([comm.size]),
    one: (comm) => comm.Create_cart([1, comm.size]),
    names: [/cart/i],
  },
];

/** On every rank, whichever of them disagrees: in this call, or in one of the next where a rank was through before it could know. */
function raisesEverywhere(
  { comm, rank, size }: Context,
  { about, most, one, names }: Disagreement,
): void {
  if (size === 1) return;
  for (const culprit of new Set([0, size - 1])) {
    const dup = comm.Dup();
    const { message } = throws(() => {
      (rank === culprit ? one : most)(dup);
      // Who only sends, as the root of a broadcast does, is through before it can know. One of its next calls tells it.
      until(() => {
        dup.barrier();
        return false;
      });
    }, "ERR_MISMATCH");
    for (const name of names) ok(name.test(message), message);
    for (const other of range(size))
      ok(new RegExp(`ranks? [^:]*\\b${other}\\b`).test(message), message);
    // With different roots all may be through, and where they made the call is not known any more.
    const isKnown = !about.includes("root");
    if (isKnown) ok(message.includes("cco-mismatch.mts"), message);
  }
  equal(comm.allreduce(1), size);
}

export const suites: readonly Suite[] = [
  {
    name: "Mismatch",
    comms: ["WORLD"],
    cases: {
      ...Object.fromEntries(
        DISAGREEMENTS.map((disagreement) => [
          `one rank disagrees about ${disagreement.about}: MismatchError on every rank, with every rank's call`,
          (context: Context) => {
            raisesEverywhere(context, disagreement);
          },
        ]),
      ),

      "a request of a call that disagrees rejects on every rank": async ({
        comm,
        rank,
        size,
      }) => {
        if (size === 1) return;
        const dup = comm.Dup();
        await rejects(
          rank === 0 ? dup.iallreduce(1, MPI.MAX) : dup.iallreduce(1),
          "ERR_MISMATCH",
        );
        equal(comm.allreduce(1), size);
      },

      "calls that a rank is late for end at their deadlines, on every rank":
        async ({ comm, rank, size }) => {
          if (size === 1) return;
          const dup = comm.Dup();
          const other = comm.Dup();
          dup.timeoutMs = DEADLINE_MS;
          if (rank === 0) await sleep(LATE_MS);
          for (const call of [
            () => dup.allreduce(1),
            () => other.allreduce(1, { timeoutMs: DEADLINE_MS }),
          ]) {
            const { message } = throws(call, "ERR_TIMEOUT");
            ok(message.includes("allreduce"), message);
            if (rank > 0) ok(message.includes("rank 0"), message);
          }
          equal(comm.allreduce(1), size);
        },
    },
  },
];
