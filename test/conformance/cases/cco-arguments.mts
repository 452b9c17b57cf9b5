import { MPI } from "tsmpi";
import { KINDS, PLAIN_KINDS } from "../arrays.mts";
import { equal, ok, throws } from "../check.mts";
import type { Comm, Suite } from "../suite.mts";
import { method, nonBlocking } from "../support/forms.mts";
import { range, repeat, some } from "../support/loops.mts";

/** Collectives with a root: the arguments before it. */
const ROOTED = [
  { name: "bcast", values: () => ["value"] },
  { name: "gather", values: () => ["value"] },
  { name: "scatter", values: () => [null] },
  { name: "reduce", values: () => [1, MPI.SUM] },
  { name: "Bcast", values: () => [new Int32Array(2)] },
  { name: "Gather", values: () => [new Int32Array(2), null] },
  { name: "Gatherv", values: () => [new Int32Array(2), null] },
  { name: "Scatter", values: () => [null, new Int32Array(2)] },
  { name: "Scatterv", values: () => [null, new Int32Array(2)] },
  { name: "Reduce", values: () => [new Int32Array(2), null, MPI.SUM] },
] as const;

/** A list of the wrong length at one rank raises there and on every other; then all go on. */
function refusesLengths(
  comm: Comm,
  length: readonly number[],
  call: (list: readonly unknown[] | null) => unknown,
): void {
  for (const bad of length) {
    const error = throws(
      () => call(repeat("item", bad)),
      ["ERR_ARG", "ERR_COUNT"],
    );
    const text = `expecting ${comm.size} items, got ${bad}`;
    ok(error.message.includes(text), error.message);
    equal(comm.allreduce(1), comm.size);
  }
}

export const suites: readonly Suite[] = [
  {
    name: "Lists",
    comms: ["SELF", "WORLD"],
    cases: {
      "scatter of a list of the wrong length raises on every rank": ({
        comm,
        rank,
        size,
      }) => {
        for (const root of range(size)) {
          const lengths = [0, size - 1, size + 1].filter((n) => n !== size);
          refusesLengths(comm, lengths, (list) =>
            comm.scatter(rank === root ? list : null, root),
          );
          refusesLengths(comm, lengths, (list) =>
            comm.iscatter(rank === root ? list : null, root).wait(),
          );
        }
      },

      "alltoall with one list of the wrong length raises on every rank": ({
        comm,
        rank,
        size,
      }) => {
        for (const culprit of range(size)) {
          const lengths = [0, size - 1, size + 1].filter((n) => n !== size);
          refusesLengths(comm, lengths, (list) =>
            comm.alltoall(rank === culprit ? list : repeat(0, size)),
          );
          refusesLengths(comm, lengths, (list) =>
            comm.ialltoall(rank === culprit ? list : repeat(0, size)).wait(),
          );
        }
      },

      "null in place of a list is a list of nulls": ({ comm, rank, size }) => {
        for (const root of range(size)) equal(comm.scatter(null, root), null);
        equal(comm.alltoall(null), repeat(null, size));
        equal(
          comm.alltoall(rank === 0 ? null : repeat("item", size)),
          range(size).map((from) => (from === 0 ? null : "item")),
        );
      },

      "what is no list is refused": ({ comm, size }) => {
        for (const list of [3, "items", new Map()] as never[]) {
          throws(() => comm.scatter(list), ["ERR_ARG", "ERR_TYPE"]);
          throws(() => comm.alltoall(list), ["ERR_ARG", "ERR_TYPE"]);
        }
        equal(comm.allreduce(1), size);
      },

      "a value that cannot be sent raises on every rank, and names the path to it":
        ({ comm, rank, size }) => {
          const good = { model: { layers: [1, 2] } };
          const bad = { model: { layers: [1, () => 2] } };
          const loop: Record<string, unknown> = { name: "loop" };
          loop.inner = { loop };
          for (const [value, path] of [
            [bad, "layers"],
            [loop, "inner"],
          ] as const)
            for (const culprit of range(size)) {
              const own = rank === culprit ? value : good;
              // Not a gather: ranks that are neither the culprit nor the root have nothing to wait for.
              for (const call of [
                () => comm.bcast(own, culprit),
                () => comm.allgather(own),
                () => comm.alltoall(repeat(own, size)),
                () => comm.scatter(repeat(own, size), culprit),
                () => comm.allreduce(own, (a) => a),
              ]) {
                const { message } = throws(call, "ERR_SERIALIZE");
                ok(message.includes(path), message);
              }
            }
          equal(comm.allreduce(1), size);
        },
    },
  },
  {
    name: "Roots",
    comms: ["SELF", "WORLD"],
    cases: {
      "a root that is no rank is refused by every call that has one": ({
        comm,
        size,
      }) => {
        for (const { name, values } of ROOTED)
          for (const root of [-1, -size, size, 0.5, NaN, MPI.PROC_NULL]) {
            throws(() => method(comm, name)(...values(), root), "ERR_ROOT");
            throws(
              () => method(comm, nonBlocking(name))(...values(), root),
              "ERR_ROOT",
            );
          }
        equal(comm.allreduce(1), size);
      },
    },
  },
  {
    name: "Buffers",
    comms: ["SELF", "WORLD"],
    cases: {
      "IN_PLACE is for the capital calls only": ({ comm, size }) => {
        const inPlace: never = MPI.IN_PLACE as never;
        for (const call of [
          () => comm.allreduce(inPlace),
          () => comm.allgather(inPlace),
          () => comm.alltoall(inPlace),
          () => comm.gather(inPlace, 0),
          () => comm.reduce(inPlace),
          () => comm.scan(inPlace),
        ])
          throws(call, ["ERR_ARG", "ERR_SERIALIZE", "ERR_BUFFER"]);
        equal(comm.allreduce(1), size);
      },

      "send and receive counts of a reduction must agree": ({ comm, size }) => {
        for (const name of ["Allreduce", "Scan", "Exscan"]) {
          const { message } = throws(
            () => method(comm, name)(new Int32Array(3), new Int32Array(2)),
            "ERR_COUNT",
          );
          ok(
            message.includes("mismatch in send count 3 and receive count 2"),
            message,
          );
        }
        equal(comm.allreduce(1), size);
      },

      "send and receive types of a reduction must agree": ({ comm, size }) => {
        for (const name of ["Allreduce", "Scan", "Exscan"])
          throws(
            () => method(comm, name)(new Int32Array(2), new Float32Array(2)),
            ["ERR_TYPE", "ERR_ARG"],
          );
        equal(comm.allreduce(1), size);
      },

      "reduce-scatter checks its counts against its buffers": ({
        comm,
        size,
      }) => {
        const one = repeat(1, size);
        for (const [send, receive, counts] of [
          [size + 1, 1, one],
          [size, 2, one],
          [size, 1, [...one, 1]],
          [size, 1, repeat(2, size)],
        ] as const)
          throws(
            () =>
              comm.Reduce_scatter(
                new Int32Array(send),
                new Int32Array(receive),
                counts,
              ),
            ["ERR_COUNT", "ERR_ARG"],
          );
        equal(comm.allreduce(1), size);
      },

      "a buffer of parts must divide by the ranks": ({ comm, size }) => {
        if (size === 1) return;
        const uneven = new Int32Array(size + 1);
        for (const call of [
          () => comm.Allgather(new Int32Array(1), uneven),
          () => comm.Alltoall(uneven, uneven.slice()),
          () => comm.Gather(new Int32Array(1), uneven, comm.rank),
        ])
          throws(call, ["ERR_COUNT", "ERR_ARG", "ERR_MISMATCH"]);
        equal(comm.allreduce(1), size);
      },

      "what is no buffer is refused": ({ comm, size }) => {
        for (const buffer of [
          [1, 2, 3],
          "text",
          7,
          [new Int32Array(1), 1, 2, 3, 4],
        ] as never[]) {
          throws(
            () => comm.Bcast(buffer),
            ["ERR_TYPE", "ERR_BUFFER", "ERR_ARG"],
          );
          throws(
            () => comm.Allreduce(MPI.IN_PLACE, buffer),
            ["ERR_TYPE", "ERR_BUFFER", "ERR_ARG"],
          );
        }
        equal(comm.allreduce(1), size);
      },

      "a count or displacement beyond the buffer is refused": ({
        comm,
        size,
      }) => {
        const buffer = new Int32Array(4);
        for (const message of [
          [buffer, 5],
          [buffer, -1],
          [buffer, [2, 3]],
          [buffer, [1, -1]],
          [buffer, [0, 5]],
        ] as never[])
          throws(
            () => comm.Bcast(message),
            ["ERR_COUNT", "ERR_ARG", "ERR_BUFFER", "ERR_TRUNCATE"],
          );
        equal(comm.allreduce(1), size);
      },

      "a datatype that does not fit the array is refused": ({ comm, size }) => {
        for (const message of [
          [new Int32Array(2), MPI.FLOAT],
          [new Float32Array(2), "int32"],
          [new Int16Array(2), MPI.FLOAT16],
          [new Uint16Array(2), "int16"],
          [new Uint16Array(2), "complex"],
          [new Uint16Array(2), MPI.DATATYPE_NULL],
        ] as never[])
          throws(() => comm.Bcast(message), ["ERR_TYPE", "ERR_ARG"]);
        equal(comm.allreduce(1), size);
      },

      "a part of a buffer is named by count and displacement": ({
        comm,
        rank,
        size,
      }) => {
        for (const kind of KINDS)
          for (const message of [
            (buffer: unknown) => [buffer, [2, 3], kind.name],
            (buffer: unknown) => [buffer, 2, 3, kind.name],
          ]) {
            const buffer = kind.from(8, (index) => (rank === 0 ? index : 50));
            comm.Bcast(message(buffer) as never, 0);
            equal(
              buffer,
              kind.from(8, (index) =>
                rank === 0 || index === 3 || index === 4 ? index : 50,
              ),
            );
            const sum = kind.filled(8, 9);
            comm.Allreduce(
              message(kind.filled(8, 1)) as never,
              message(sum) as never,
            );
            equal(
              sum,
              kind.from(8, (index) => (index === 3 || index === 4 ? size : 9)),
            );
          }
      },

      "a view of a larger array is a buffer": ({ comm, rank, size }) => {
        for (const kind of PLAIN_KINDS) {
          const whole = kind.filled(6, 7);
          const part = whole.subarray(1, 4);
          part.fill(kind.filled(1, rank)[0] as never);
          comm.Allreduce(MPI.IN_PLACE, part, MPI.MAX);
          equal(
            whole,
            kind.from(6, (index) => (index > 0 && index < 4 ? size - 1 : 7)),
          );
        }
      },

      "buffers may be empty": ({ comm, rank, size }) => {
        for (const kind of some(PLAIN_KINDS)) {
          const none = kind.filled(0, 0);
          const other = kind.filled(0, 0);
          comm.Bcast(none, size - 1);
          comm.Gather(none, rank === 0 ? other : null);
          comm.Scatter(rank === 0 ? none : null, other);
          comm.Allgather(none, other);
          comm.Alltoall(none, other);
          comm.Reduce(none, rank === 0 ? other : null);
          comm.Allreduce(none, other);
          comm.Reduce_scatter_block(none, other);
          comm.Scan(none, other);
          comm.Exscan(none, other);
          comm.Gatherv(none, rank === 0 ? [other, repeat(0, size)] : null);
          comm.Allgatherv(none, [other, repeat(0, size)]);
          comm.Alltoallv([none, repeat(0, size)], [other, repeat(0, size)]);
        }
      },

      "buffers may lie in the memory that the threads share": ({
        comm,
        rank,
        size,
      }) => {
        const sent = MPI.Alloc_mem(Float64Array, 5);
        const received = MPI.Alloc_mem(Float64Array, 5 * size);
        sent.fill(rank);
        comm.Allgather(sent, received);
        equal(
          Float64Array.from(received),
          Float64Array.from({ length: 5 * size }, (_, i) => Math.floor(i / 5)),
        );
        comm.Allreduce(MPI.IN_PLACE, sent, MPI.MAX);
        equal(Float64Array.from(sent), new Float64Array(5).fill(size - 1));
        comm.Reduce_scatter_block(received, sent, MPI.SUM);
        equal(Float64Array.from(sent), new Float64Array(5).fill(size * rank));
        comm.Bcast(received, 0);
        MPI.Free_mem(sent);
        MPI.Free_mem(received);
      },
    },
  },
  {
    name: "Options",
    comms: ["SELF", "WORLD"],
    cases: {
      "the calls on values take an options object": ({ comm, rank, size }) => {
        const root = size - 1;
        const isRoot = rank === root;
        equal(comm.bcast(rank, { root }), root);
        equal(comm.gather(rank, { root }), isRoot ? range(size) : null);
        equal(comm.scatter(isRoot ? range(size) : null, { root }), rank);
        equal(
          comm.reduce(rank, { op: MPI.MAX, root }),
          isRoot ? size - 1 : null,
        );
        equal(comm.allreduce(rank, { op: MPI.MIN }), 0);
        equal(comm.scan(1, { op: MPI.SUM }), rank + 1);
        equal(comm.exscan(1, { op: MPI.SUM }), rank === 0 ? null : rank);
        equal(comm.iallreduce(rank, { op: MPI.MAX }).wait(), size - 1);
        equal(comm.ibcast(rank, { root }).wait(), root);
        equal(comm.bcast(rank, {}), 0);
        equal(comm.bcast(rank, { root, timeoutMs: 5_000 }), root);
      },

      "the calls on buffers take an options object": ({ comm, rank, size }) => {
        const root = size - 1;
        const isRoot = rank === root;
        const buf = Int32Array.of(rank);
        comm.Bcast({ buf, root });
        equal(buf, Int32Array.of(root));

        const sendbuf = Int32Array.of(rank);
        const recvbuf = new Int32Array(size);
        const all = Int32Array.from(range(size));
        comm.Gather({ sendbuf, recvbuf: isRoot ? recvbuf : null, root });
        if (isRoot) equal(recvbuf, all);
        recvbuf.fill(0);
        comm.Allgather({ sendbuf, recvbuf });
        equal(recvbuf, all);
        const part = new Int32Array(1);
        comm.Scatter({ sendbuf: isRoot ? all : null, recvbuf: part, root });
        equal(part, sendbuf);
        comm.Allreduce({ sendbuf, recvbuf: part, op: MPI.MAX });
        equal(part, Int32Array.of(size - 1));
        comm.Allreduce({ sendbuf: MPI.IN_PLACE, recvbuf: part });
        equal(part, Int32Array.of(size * (size - 1)));
        comm.Reduce({ sendbuf, recvbuf: isRoot ? part : null, root });
        if (isRoot) equal(part, Int32Array.of((size * (size - 1)) / 2));
        comm.Reduce_scatter({
          sendbuf: all,
          recvbuf: part,
          recvcounts: repeat(1, size),
          op: MPI.SUM,
        });
        equal(part, Int32Array.of(size * rank));
        comm.Iscan({ sendbuf, recvbuf: part, op: MPI.MAX }).Wait();
        equal(part, sendbuf);
      },

      "Split takes an options object": ({ comm, rank, size }) => {
        const backwards = comm.Split({ color: 3, key: -rank });
        equal(backwards.rank, size - 1 - rank);
        backwards.Free();
        const same = comm.Split();
        equal([same.rank, same.size], [rank, size]);
        same.Free();
      },

      "an option that does not exist is refused": ({ comm, size }) => {
        throws(() => comm.bcast(1, { rooot: 0 } as never), "ERR_ARG");
        throws(
          () => comm.Bcast({ buf: new Int32Array(1), rot: 0 } as never),
          "ERR_ARG",
        );
        equal(comm.allreduce(1), size);
      },
    },
  },
];
