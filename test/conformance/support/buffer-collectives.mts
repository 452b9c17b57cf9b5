import { MPI } from "tsmpi";
import { type Kind, KINDS, type NumberArray, PLAIN_KINDS } from "../arrays.mts";
import { equal } from "../check.mts";
import type { Suite } from "../suite.mts";
import { call, type Form } from "./forms.mts";
import { of, range, repeat, spread, total } from "./loops.mts";

/** The ops and what they make of `terms` ranks that all contribute `i`. */
const OPS = [
  { name: "SUM", result: (i: number, terms: number) => i * terms },
  { name: "PROD", result: (i: number, terms: number) => i ** terms },
  { name: "MAX", result: (i: number) => i },
  { name: "MIN", result: (i: number) => i },
] as const;

/** The ops and what they make of 1, 2 … `size`. */
const OVER_RANKS = [
  { name: "SUM", result: (size: number) => (size * (size + 1)) / 2 },
  { name: "PROD", result: (size: number) => factorial(size) },
  { name: "MAX", result: (size: number) => size },
  { name: "MIN", result: () => 1 },
] as const;

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

/** Every op meets every kind in blocking calls. The other forms do the same with them: there only sums do, the others meet two. */
const kindsFor = (form: Form, op: string): readonly Kind[] =>
  form === "blocking" || op === "SUM"
    ? KINDS
    : KINDS.filter(({ name }) => name === "int32" || name === "float64");

/** The cases of whole buffers, the same in each form. */
export const bufferCases = (form: Form): Suite["cases"] => ({
  "barrier returns": ({ comm }) => {
    call(form, comm, "Barrier");
  },

  "bcast gives the root's buffer to every rank": ({ comm, rank, size }) => {
    for (const [kind, root] of spread(PLAIN_KINDS, range(size), 3)) {
      const buffer = kind.filled(root, rank === root ? root : -1);
      call(form, comm, "Bcast", kind.message(buffer), root);
      equal(buffer, kind.filled(root, root));
    }
  },

  "gather lays every rank's buffer behind each other at the root": ({
    comm,
    rank,
    size,
  }) => {
    for (const [kind, root] of spread(PLAIN_KINDS, range(size), 3)) {
      const count = root + 1;
      const sent = kind.message(kind.filled(count, rank));
      const received = kind.filled(rank === root ? size * count : 0, -1);
      call(form, comm, "Gather", sent, kind.message(received), root);
      if (rank === root) equal(received, rows(kind, size, count));
    }
  },

  "scatter gives each rank its part of the root's buffer": ({
    comm,
    rank,
    size,
  }) => {
    for (const [kind, root] of spread(PLAIN_KINDS, range(size), 3)) {
      const count = root + 1;
      const sent = rank === root ? rows(kind, size, count) : kind.filled(0, 0);
      const received = kind.filled(count, -1);
      call(
        form,
        comm,
        "Scatter",
        kind.message(sent),
        kind.message(received),
        root,
      );
      equal(received, kind.filled(count, rank));
    }
  },

  "allgather lays every rank's buffer behind each other everywhere": ({
    comm,
    rank,
    size,
  }) => {
    for (const [kind, n] of spread(PLAIN_KINDS, range(size), 3)) {
      const sent = kind.message(kind.filled(n + 1, rank));
      const received = kind.filled(size * (n + 1), -1);
      call(form, comm, "Allgather", sent, kind.message(received));
      equal(received, rows(kind, size, n + 1));
    }
  },

  "alltoall gives part j of rank i to rank j, as its part i": ({
    comm,
    rank,
    size,
  }) => {
    for (const [kind, n] of spread(PLAIN_KINDS, range(size), 3)) {
      const count = n + 1;
      const sent = kind.message(parts(kind, size, count, (to) => [rank, to]));
      const received = kind.filled(size * count, -1);
      call(form, comm, "Alltoall", sent, [received, count, kind.name]);
      equal(
        received,
        parts(kind, size, count, (from) => [from, rank]),
      );
    }
  },

  "reduce leaves the result at the root, and the other receive buffers alone":
    ({ comm, rank, size }) => {
      for (const { name, result } of OPS)
        for (const [kind, root] of spread(kindsFor(form, name), range(size))) {
          const sent = kind.message(kind.from(size, (i) => i));
          const received = kind.filled(size, -1);
          const op = MPI[name];
          call(form, comm, "Reduce", sent, kind.message(received), op, root);
          equal(
            received,
            kind.from(size, (i) => (rank === root ? result(i, size) : -1)),
          );
        }
    },

  "allreduce leaves the result everywhere, and the send buffers alone": ({
    comm,
    size,
  }) => {
    for (const { name, result } of OPS)
      for (const kind of kindsFor(form, name)) {
        const sent = kind.from(size, (i) => i);
        const received = kind.filled(size, 0);
        call(
          form,
          comm,
          "Allreduce",
          kind.message(sent),
          kind.message(received),
          MPI[name],
        );
        equal(
          received,
          kind.from(size, (i) => result(i, size)),
        );
        equal(
          sent,
          kind.from(size, (i) => i),
        );
      }
  },

  "reduce-scatter leaves each rank what fits its receive buffer, counts given or not":
    ({ comm, rank, size }) => {
      const counts = range(size).map((other) => other + 1);
      for (const { name, result } of OVER_RANKS)
        for (const kind of kindsFor(form, name))
          for (const recvcounts of [null, counts]) {
            const sent = kind.message(kind.filled(total(counts), rank + 1));
            const received = kind.filled(rank + 1, -1);
            call(
              form,
              comm,
              "Reduce_scatter",
              sent,
              kind.message(received),
              recvcounts,
              MPI[name],
            );
            equal(received, kind.filled(rank + 1, result(size)));
          }
    },

  "reduce-scatter-block leaves each rank an equal part of the result": ({
    comm,
    rank,
    size,
  }) => {
    for (const { name, result } of OVER_RANKS)
      for (const [kind, n] of spread(kindsFor(form, name), range(size))) {
        const count = n + 1;
        const sent = kind.message(kind.filled(count * size, rank + 1));
        const received = kind.filled(count, -1);
        call(
          form,
          comm,
          "Reduce_scatter_block",
          sent,
          kind.message(received),
          MPI[name],
        );
        equal(received, kind.filled(count, result(size)));
      }
  },

  "scan leaves the result over the ranks up to this one": ({
    comm,
    rank,
    size,
  }) => {
    for (const { name, result } of OPS)
      for (const kind of kindsFor(form, name)) {
        const sent = kind.message(kind.from(size, (i) => i));
        const received = kind.filled(size, 0);
        call(form, comm, "Scan", sent, kind.message(received), MPI[name]);
        equal(
          received,
          kind.from(size, (i) => result(i, rank + 1)),
        );
      }
  },

  "exscan leaves the result over the ranks before this one, and rank 0's buffer alone":
    ({ comm, rank, size }) => {
      for (const { name, result } of OPS)
        for (const kind of kindsFor(form, name)) {
          const sent = kind.message(kind.from(size, (i) => i));
          const received = kind.filled(size, -1);
          call(form, comm, "Exscan", sent, kind.message(received), MPI[name]);
          equal(
            received,
            kind.from(size, (i) => (rank === 0 ? -1 : result(i, rank))),
          );
        }
    },
});

/** The same calls with the input in the receive buffer. Where mpi4py takes None for IN_PLACE, so do we take null. */
export const inPlaceBufferCases = (form: Form): Suite["cases"] => ({
  "gather takes the root's part from its receive buffer": ({
    comm,
    rank,
    size,
  }) => {
    for (const [kind, root] of spread(PLAIN_KINDS, range(size), 2))
      for (const inPlace of [MPI.IN_PLACE, null]) {
        const count = root + 3;
        const own = kind.filled(count, rank);
        if (rank === root) {
          const all = kind.filled(size * count, -1);
          all.set(own as never, root * count);
          call(form, comm, "Gather", inPlace, kind.message(all), root);
          equal(all, rows(kind, size, count));
        } else call(form, comm, "Gather", kind.message(own), null, root);
      }
  },

  "scatter leaves the root's part in its send buffer": ({
    comm,
    rank,
    size,
  }) => {
    const places = [
      [1, MPI.IN_PLACE],
      [9, null],
    ] as const;
    for (const [kind, root] of spread(PLAIN_KINDS, range(size), 2))
      for (const [count, inPlace] of places)
        if (rank === root) {
          const all = rows(kind, size, count);
          call(form, comm, "Scatter", kind.message(all), inPlace, root);
          equal(all, rows(kind, size, count));
        } else {
          const part = kind.filled(count, -1);
          call(form, comm, "Scatter", null, kind.message(part), root);
          equal(part, kind.filled(count, rank));
        }
  },

  "allgather takes each rank's part from its receive buffer": ({
    comm,
    rank,
    size,
  }) => {
    for (const [kind, count] of spread(PLAIN_KINDS, [1, 2, 5, 9]))
      for (const inPlace of [MPI.IN_PLACE, null]) {
        const all = kind.filled(size * count, -1);
        all.set(kind.filled(count, rank) as never, rank * count);
        call(form, comm, "Allgather", inPlace, kind.message(all));
        equal(all, rows(kind, size, count));
      }
  },

  "alltoall exchanges the parts of one buffer": ({ comm, rank, size }) => {
    for (const [kind, count] of spread(PLAIN_KINDS, [1, 3])) {
      const buffer = parts(kind, size, count, (to) => [rank, to]);
      call(form, comm, "Alltoall", MPI.IN_PLACE, kind.message(buffer));
      equal(
        buffer,
        parts(kind, size, count, (from) => [from, rank]),
      );
    }
  },

  "reduce takes the root's input from its receive buffer": ({
    comm,
    rank,
    size,
  }) => {
    for (const { name, result } of OPS)
      for (const [kind, root] of spread(kindsFor(form, name), range(size))) {
        const buffer = kind.from(size, (i) => i);
        const other = kind.filled(size, -1);
        const op = MPI[name];
        if (rank === root) {
          const all = kind.message(buffer);
          call(form, comm, "Reduce", MPI.IN_PLACE, all, op, root);
          equal(
            buffer,
            kind.from(size, (i) => result(i, size)),
          );
        } else {
          const own = kind.message(buffer);
          call(form, comm, "Reduce", own, kind.message(other), op, root);
          equal(
            buffer,
            kind.from(size, (i) => i),
          );
          equal(other, kind.filled(size, -1));
        }
      }
  },

  "allreduce takes its input from the receive buffers": ({ comm, size }) => {
    for (const { name, result } of OPS)
      for (const kind of kindsFor(form, name)) {
        const buffer = kind.from(size, (i) => i);
        const all = kind.message(buffer);
        call(form, comm, "Allreduce", MPI.IN_PLACE, all, MPI[name]);
        equal(
          buffer,
          kind.from(size, (i) => result(i, size)),
        );
      }
  },

  "reduce-scatter-block leaves the result in front, and what lies behind alone":
    ({ comm, rank, size }) => {
      for (const { name, result } of OVER_RANKS)
        for (const [kind, count] of spread(kindsFor(form, name), range(size))) {
          const buffer = kind.filled(count * size, rank + 1);
          const all = kind.message(buffer);
          call(
            form,
            comm,
            "Reduce_scatter_block",
            MPI.IN_PLACE,
            all,
            MPI[name],
          );
          equal(
            buffer,
            kind.from(count * size, (i) =>
              i < count ? result(size) : rank + 1,
            ),
          );
        }
    },

  "reduce-scatter leaves the result in front, and what lies behind alone": ({
    comm,
    rank,
    size,
  }) => {
    const counts = range(size).map((other) => other + 1);
    for (const { name, result } of OVER_RANKS)
      for (const kind of kindsFor(form, name)) {
        const buffer = kind.filled(total(counts), rank + 1);
        call(
          form,
          comm,
          "Reduce_scatter",
          MPI.IN_PLACE,
          kind.message(buffer),
          counts,
          MPI[name],
        );
        equal(
          buffer,
          kind.from(total(counts), (i) =>
            i <= rank ? result(size) : rank + 1,
          ),
        );
      }
  },

  "scan takes its input from the receive buffer": ({ comm, rank, size }) => {
    for (const { name, result } of OPS)
      for (const kind of kindsFor(form, name)) {
        const buffer = kind.from(size, (i) => i);
        const all = kind.message(buffer);
        call(form, comm, "Scan", MPI.IN_PLACE, all, MPI[name]);
        equal(
          buffer,
          kind.from(size, (i) => result(i, rank + 1)),
        );
      }
  },

  "exscan takes its input from the receive buffer": ({ comm, rank, size }) => {
    for (const { name, result } of OPS)
      for (const kind of kindsFor(form, name)) {
        const buffer = kind.from(size, (i) => i);
        const all = kind.message(buffer);
        call(form, comm, "Exscan", MPI.IN_PLACE, all, MPI[name]);
        if (rank > 0)
          equal(
            buffer,
            kind.from(size, (i) => result(i, rank)),
          );
      }
  },
});

/** `count` elements a rank, which are its number. */
const rows = (kind: Kind, size: number, count: number): NumberArray =>
  kind.from(size * count, (index) => Math.floor(index / count));

/** `count` elements a peer, which name sender and receiver. */
const parts = (
  kind: Kind,
  size: number,
  count: number,
  pair: (peer: number) => [from: number, to: number],
): NumberArray =>
  of(
    kind,
    range(size).flatMap((peer) => {
      const [from, to] = pair(peer);
      return repeat(10 * from + to, count);
    }),
  );
