import { MPI } from "tsmpi";
import { type Kind, type NumberArray, PLAIN_KINDS } from "../arrays.mts";
import { equal } from "../check.mts";
import type { Suite } from "../suite.mts";
import { call, type Form } from "./forms.mts";
import { range, repeat, some, spread } from "./loops.mts";

/** Buffers of a row a rank, `size` elements long, of which the first `count` are in use. */
interface Rows {
  readonly size: number;
  readonly count: number;
  /** Of the row of a rank. */
  readonly value: (peer: number) => number;
}

/** The ways to name the parts of a buffer of rows. */
const LAYOUTS = [
  {
    name: "counts and displacements of every rank",
    layout: (size: number, count: number): unknown[] => [
      [repeat(count, size), range(size).map((peer) => peer * size)],
    ],
  },
  {
    name: "one count and one stride",
    layout: (size: number, count: number): unknown[] => [count, size],
  },
] as const;

/** The cases of parts that lie apart, the same in each form. */
export const vectorCases = (form: Form): Suite["cases"] => ({
  ...Object.fromEntries(
    LAYOUTS.flatMap(({ name, layout }) =>
      Object.entries(laidOutCases(form, layout)).map(([sentence, body]) => [
        `${sentence}; ${name}`,
        body,
      ]),
    ),
  ),

  "gatherv lays parts behind each other where no displacements are given": ({
    comm,
    rank,
    size,
  }) => {
    for (const [kind, root, count] of combinations(form, size, size + 1)) {
      const sent = kind.filled(count, rank);
      for (const layout of [[count], []]) {
        const received = kind.filled(count * size, -1);
        const all = rank === root ? message(received, ...layout) : null;
        call(form, comm, "Gatherv", sent, all, root);
        if (rank === root) equal(received, dense(kind, size, count));
      }
    }
  },

  "scatterv takes parts behind each other where no displacements are given": ({
    comm,
    rank,
    size,
  }) => {
    for (const [kind, root, count] of combinations(form, size, size + 1)) {
      const sent = dense(kind, size, count);
      for (const layout of [[count], []]) {
        const received = kind.filled(count, -1);
        const all = rank === root ? message(sent, ...layout) : null;
        call(form, comm, "Scatterv", all, received, root);
        equal(received, kind.filled(count, rank));
      }
    }
  },

  "allgatherv lays parts behind each other where no displacements are given": ({
    comm,
    rank,
    size,
  }) => {
    for (const [kind, count] of countsBelow(form, size + 1))
      for (const layout of [[count], []]) {
        const received = kind.filled(count * size, -1);
        const sent = kind.filled(count, rank);
        call(form, comm, "Allgatherv", sent, message(received, ...layout));
        equal(received, dense(kind, size, count));
      }
  },

  "alltoallv takes and lays parts behind each other where no displacements are given":
    ({ comm, rank, size }) => {
      for (const [kind, count] of countsBelow(form, size + 1))
        for (const layout of [[count], []]) {
          const sent = dense(kind, size, count);
          const received = kind.filled(count * size, -1);
          call(
            form,
            comm,
            "Alltoallv",
            message(sent, ...layout),
            message(received, ...layout),
          );
          equal(received, kind.filled(count * size, rank));
        }
    },

  "vector calls take another count for each rank": ({ comm, rank, size }) => {
    const lengths = range(size);
    const start = (peer: number) => (peer * (peer - 1)) / 2;
    const all = start(size);
    for (const kind of PLAIN_KINDS) {
      const gathered = kind.filled(all, -1);
      const triangle = kind.from(all, (index) =>
        lengths.findLastIndex((peer) => start(peer) <= index),
      );
      const own = kind.filled(rank, rank);
      call(form, comm, "Allgatherv", own, [gathered, lengths]);
      equal(gathered, triangle);

      const root = size - 1;
      const part = kind.filled(rank, -1);
      const sent = rank === root ? [triangle, lengths] : null;
      call(form, comm, "Scatterv", sent, part, root);
      equal(part, own);

      const exchanged = kind.filled(rank * size, -1);
      const sending = [triangle, lengths];
      const receiving = [exchanged, repeat(rank, size)];
      call(form, comm, "Alltoallv", sending, receiving);
      equal(exchanged, kind.filled(rank * size, rank));
    }
  },

  "alltoallw takes a datatype for each rank, and displacements in bytes": ({
    comm,
    rank,
    size,
  }) => {
    for (const [kind, n] of countsBelow(form, size)) {
      const count = n + 1;
      const sent = dense(kind, size, count);
      const received = kind.filled(size * count, -1);
      const layout = bytewise(kind, size, count, count);
      call(form, comm, "Alltoallw", [sent, ...layout], [received, ...layout]);
      equal(received, kind.filled(size * count, rank));
    }
  },
});

const laidOutCases = (
  form: Form,
  layout: (size: number, count: number) => unknown[],
): Suite["cases"] => ({
  "gatherv lays each part where the root wants it": ({ comm, rank, size }) => {
    for (const [kind, root, count] of combinations(form, size, size)) {
      const received = kind.filled(size * size, -1);
      const all =
        rank === root ? [received, ...layout(size, count), kind.name] : null;
      const sent = [kind.filled(size, rank), count, kind.name];
      call(form, comm, "Gatherv", sent, all, root);
      if (rank === root)
        equal(received, rows(kind, { size, count, value: (peer) => peer }));
    }
  },

  "scatterv takes each part from where the root has it": ({
    comm,
    rank,
    size,
  }) => {
    for (const [kind, root, count] of combinations(form, size, size)) {
      const sent = rows(kind, { size, count, value: (peer) => peer });
      const received = kind.filled(size, -1);
      const all =
        rank === root ? [sent, ...layout(size, count), kind.name] : null;
      call(form, comm, "Scatterv", all, [received, count, kind.name], root);
      equal(
        received,
        kind.from(size, (index) => (index < count ? rank : -1)),
      );
    }
  },

  "allgatherv lays each part where each rank wants it": ({
    comm,
    rank,
    size,
  }) => {
    for (const [kind, count] of countsBelow(form, size)) {
      const sent = [kind.filled(size, rank), count, kind.name];
      const received = kind.filled(size * size, -1);
      const all = [received, ...layout(size, count), kind.name];
      call(form, comm, "Allgatherv", sent, all);
      equal(received, rows(kind, { size, count, value: (peer) => peer }));
    }
  },

  "alltoallv takes and lays each part where each rank wants it": ({
    comm,
    rank,
    size,
  }) => {
    for (const [kind, count] of countsBelow(form, size)) {
      const sent = rows(kind, {
        size,
        count,
        value: (peer) => 10 * rank + peer,
      });
      const received = kind.filled(size * size, -1);
      const parts = [...layout(size, count), kind.name];
      call(form, comm, "Alltoallv", [sent, ...parts], [received, ...parts]);
      equal(
        received,
        rows(kind, { size, count, value: (peer) => 10 * peer + rank }),
      );
    }
  },
});

/** The exchanges whose input lies in the receive buffer. */
export const inPlaceVectorCases = (form: Form): Suite["cases"] => ({
  "alltoallv exchanges the parts of one buffer, and leaves what lies between":
    ({ comm, rank, size }) => {
      for (const [kind, count] of countsBelow(form, size)) {
        const own = { size, count, value: (peer: number) => 10 * rank + peer };
        const buffer = rows(kind, own);
        const displacements = range(size).map((peer) => peer * size);
        call(form, comm, "Alltoallv", MPI.IN_PLACE, [
          buffer,
          [repeat(count, size), displacements],
          kind.name,
        ]);
        equal(
          buffer,
          rows(kind, { size, count, value: (peer) => 10 * peer + rank }),
        );
      }
    },

  "alltoallw exchanges the parts of one buffer, and leaves what lies between":
    ({ comm, rank, size }) => {
      for (const [kind, count] of countsBelow(form, size)) {
        const buffer = rows(kind, { size, count, value: () => rank });
        const layout = bytewise(kind, size, count, size);
        call(form, comm, "Alltoallw", MPI.IN_PLACE, [buffer, ...layout]);
        equal(buffer, rows(kind, { size, count, value: (peer) => peer }));
      }
    },

  "alltoallw takes counts and displacements apart from each other, too": ({
    comm,
    rank,
    size,
  }) => {
    for (const [kind, count] of countsBelow(form, size)) {
      const buffer = rows(kind, { size, count, value: () => rank });
      const [[counts, displacements], types] = bytewise(
        kind,
        size,
        count,
        size,
      );
      const all = [buffer, counts, displacements, types];
      call(form, comm, "Alltoallw", MPI.IN_PLACE, all);
      equal(buffer, rows(kind, { size, count, value: (peer) => peer }));
    }
  },
});

/** Every kind, every root and every count below `limit`; not all with all. */
const combinations = (
  form: Form,
  size: number,
  limit: number,
): [Kind, root: number, count: number][] =>
  pairs(form, range(size * limit)).map(([kind, index]) => [
    kind,
    index % size,
    Math.floor(index / size),
  ]);

/** Every kind and every count below `limit`. */
const countsBelow = (form: Form, limit: number): [Kind, number][] =>
  pairs(form, range(limit));

/** Fewer where it is the form of the call that is new. */
const pairs = (form: Form, numbers: readonly number[]): [Kind, number][] =>
  form === "blocking"
    ? spread(PLAIN_KINDS, numbers, 2)
    : spread(PLAIN_KINDS, some(numbers));

/** The array alone where nothing is said about its layout. */
const message = (array: NumberArray, ...layout: unknown[]): unknown =>
  layout.length === 0 ? array : [array, ...layout];

/** Counts, displacements in bytes, and datatypes, of parts that lie `stride` elements apart. */
const bytewise = (
  kind: Kind,
  size: number,
  count: number,
  stride: number,
): [[number[], number[]], string[]] => {
  const stepBytes = stride * kind.filled(1, 0).BYTES_PER_ELEMENT;
  return [
    [repeat(count, size), range(size).map((peer) => peer * stepBytes)],
    repeat(kind.name, size),
  ];
};

const dense = (kind: Kind, size: number, count: number): NumberArray =>
  kind.from(size * count, (index) => Math.floor(index / count));

const rows = (kind: Kind, { size, count, value }: Rows): NumberArray =>
  kind.from(size * size, (index) =>
    index % size < count ? value(Math.floor(index / size)) : -1,
  );
