import { MPI } from "tsmpi";
import { equal, ok } from "../check.mts";
import type { Comm, Suite } from "../suite.mts";
import { range, total } from "../support/loops.mts";

const free = (...comms: Comm[]): void => {
  for (const comm of comms) comm.Free();
};

export const suites: readonly Suite[] = [
  {
    name: "Isolation",
    comms: ["WORLD", "WORLD.Dup"],
    cases: {
      "a message in one communicator is not received in another": ({
        comm,
        rank,
        size,
      }) => {
        const [first, second] = [comm.Dup(), comm.Dup()];
        const next = (rank + 1) % size;
        const previous = (rank + size - 1) % size;
        const inSecond = second.irecv(MPI.ANY_SOURCE, MPI.ANY_TAG);
        const inFirst = first.irecv(previous, 7);
        first.send(["first", rank], next, 7);
        equal(inFirst.wait(), ["first", previous]);
        equal(inSecond.test(), [false, null]);
        equal(second.iprobe(), false);
        comm.barrier();
        second.send(["second", rank], next, 7);
        equal(inSecond.wait(), ["second", previous]);
        free(first, second);
      },

      "a wildcard does not receive what collectives send": ({
        comm,
        rank,
        size,
      }) => {
        const any = comm.irecv(MPI.ANY_SOURCE, MPI.ANY_TAG);
        const buffer = new Float64Array(5_000).fill(1);
        for (const root of range(size)) {
          equal(comm.bcast(rank, root), root);
          comm.Allreduce(MPI.IN_PLACE, buffer, MPI.MAX);
        }
        equal(comm.alltoall(range(size)), new Array(size).fill(rank));
        equal(comm.iprobe(), false);
        comm.send("at last", (rank + 1) % size);
        equal(any.wait(), "at last");
      },

      "ranks may begin collectives of two communicators in different orders": ({
        comm,
        rank,
        size,
      }) => {
        const [first, second] = [comm.Dup(), comm.Dup()];
        const calls = [
          () => first.iallreduce(rank),
          () => second.iallreduce(10 * rank),
          () => first.iallgather(rank),
          () => second.iallgather(-1),
        ];
        const order = rank % 2 === 0 ? [0, 1, 2, 3] : [1, 3, 0, 2];
        const requests = new Map(
          order.map((at) => [at, calls[at]!() as PromiseLike<unknown>]),
        );
        const values = range(4).map((at) =>
          (requests.get(at) as unknown as { wait(): unknown }).wait(),
        );
        const sum = total(range(size));
        equal(values, [sum, 10 * sum, range(size), new Array(size).fill(-1)]);
        free(first, second);
      },

      "ranks are in many communicators at once, each with its own members": ({
        comm,
        rank,
        size,
      }) => {
        // Rank r is in the communicators of all pairs and of all prefixes it belongs to.
        const members = [
          ...range(size).map((from) => [from, (from + 1) % size]),
          ...range(size).map((last) => range(last + 1)),
        ].map((ranks) => [...new Set(ranks)]);
        const comms = members.map((ranks) =>
          comm.Split(
            ranks.includes(rank) ? 0 : MPI.UNDEFINED,
            ranks.indexOf(rank),
          ),
        );
        const requests = comms.flatMap((made, at) =>
          made.isNull ? [] : [{ at, request: made.iallgather([at, rank]) }],
        );
        for (const { at, request } of requests.reverse())
          equal(
            request.wait(),
            members[at]!.map((member) => [at, member]),
          );
        for (const made of comms) if (!made.isNull) made.Free();
      },

      "parts of parts are communicators like all others": ({
        comm,
        rank,
        size,
      }) => {
        const half = comm.Split(rank % 2);
        const dup = half.Dup();
        const part = dup.Split(dup.rank < 1 ? 0 : 1, -dup.rank);
        const mine = range(size).filter((other) => other % 2 === rank % 2);
        equal(dup.allgather(rank), mine);
        const group = dup.rank < 1 ? mine.slice(0, 1) : mine.slice(1);
        equal(part.allgather(rank), group.toReversed());
        free(part, dup, half);
      },

      "a communicator that is freed leaves the others alone": ({
        comm,
        rank,
        size,
      }) => {
        const kept = comm.Dup();
        const pending = kept.irecv((rank + 1) % size, 3);
        for (const _ of range(20)) {
          const made = comm.Dup();
          equal(made.allreduce(1), size);
          made.Free();
        }
        kept.send(rank, (rank + size - 1) % size, 3);
        equal(pending.wait(), (rank + 1) % size);
        free(kept);
      },

      "a rank, a root and a source are numbers within their communicator": ({
        comm,
        rank,
        size,
      }) => {
        const backwards = comm.Split(0, size - rank);
        equal(backwards.bcast(rank, 0), size - 1);
        equal(comm.bcast(rank, 0), 0);
        const status = new MPI.Status();
        const request = backwards.isend(rank, size - 1 - backwards.rank, 5);
        const received = backwards.recv(MPI.ANY_SOURCE, 5, status);
        request.wait();
        equal(status.Get_source(), size - 1 - backwards.rank);
        ok(typeof received === "number");
        equal(received, size - 1 - rank);
        free(backwards);
      },
    },
  },
];
