import { type Kind, type NumberArray, PLAIN_KINDS } from "../arrays.mts";
import { equal } from "../check.mts";
import type { Suite } from "../suite.mts";
import { call, type Form } from "./forms.mts";
import { of, range, repeat } from "./loops.mts";
import { type Topology, withTopologies } from "./topologies.mts";

const COUNT = 3;

/** The cases of buffers between neighbours, the same in each of these forms. */
export const neighborCases = (forms: readonly Form[]): Suite["cases"] => ({
  "neighbor-allgather gives each rank its sources' buffers": (context) => {
    withTopologies(context, ({ comm, sources }) => {
      equal(comm.indegree, sources.length);
      for (const [kind, form] of eachKind(forms)) {
        const sent = kind.filled(COUNT, context.rank);
        const expected = laidOut(kind, sources, COUNT);
        const received = kind.filled(expected.length, -1);
        const all = kind.message(received);
        call(form, comm, "Neighbor_allgather", kind.message(sent), all);
        equal(received, expected);
      }
    });
  },

  "neighbor-allgatherv gives each rank its sources' buffers, where it wants them":
    (context) => {
      withTopologies(context, ({ comm, sources }) => {
        for (const [kind, form] of eachKind(forms)) {
          const sent = [kind.filled(COUNT, context.rank), COUNT, kind.name];
          const expected = laidOut(kind, sources, COUNT);
          const received = kind.filled(expected.length, -1);
          const all = [received, COUNT, kind.name];
          call(form, comm, "Neighbor_allgatherv", sent, all);
          equal(received, expected);

          const counts = repeat(COUNT, sources.length);
          const backwards = counts.map(
            (_, at) => (counts.length - 1 - at) * COUNT,
          );
          received.fill(kind.filled(1, -1)[0] as never);
          call(form, comm, "Neighbor_allgatherv", sent, [
            received,
            [counts, backwards],
            kind.name,
          ]);
          equal(received, laidOut(kind, sources.toReversed(), COUNT));
        }
      });
    },

  "neighbor-alltoall gives each rank its part of each source's buffer": (
    context,
  ) => {
    withTopologies(context, (topology) => {
      const { comm } = topology;
      equal(comm.outdegree, topology.destinations.length);
      for (const [kind, form] of eachKind(forms))
        for (const layout of [[], [COUNT]]) {
          const { sent, expected } = exchange(
            kind,
            context.rank,
            topology,
            COUNT,
          );
          const received = kind.filled(expected.length, -1);
          const all = [received, ...layout, kind.name];
          call(form, comm, "Neighbor_alltoall", kind.message(sent), all);
          equal(received, expected);
        }
    });
  },

  "neighbor-alltoallv gives each rank its part of each source's buffer": (
    context,
  ) => {
    withTopologies(context, (topology) => {
      for (const [kind, form] of eachKind(forms)) {
        const { sent, expected } = exchange(
          kind,
          context.rank,
          topology,
          COUNT,
        );
        const received = kind.filled(expected.length, -1);
        call(
          form,
          topology.comm,
          "Neighbor_alltoallv",
          [sent, COUNT, kind.name],
          [received, COUNT, kind.name],
        );
        equal(received, expected);
      }
    });
  },

  "neighbor-alltoallw takes a datatype for each neighbour, and displacements in bytes":
    (context) => {
      withTopologies(context, (topology) => {
        for (const [kind, form] of eachKind(forms))
          for (const count of [1, COUNT]) {
            const { sent, expected } = exchange(
              kind,
              context.rank,
              topology,
              count,
            );
            const received = kind.filled(expected.length, -1);
            const { sources, destinations } = topology;
            call(
              form,
              topology.comm,
              "Neighbor_alltoallw",
              [sent, ...bytewise(kind, destinations.length, count)],
              [received, ...bytewise(kind, sources.length, count)],
            );
            equal(received, expected);
          }
      });
    },
});

/** Every kind in one of the forms, and one of them in all. */
const eachKind = (forms: readonly Form[]): [Kind, Form][] =>
  PLAIN_KINDS.flatMap((kind, at) =>
    kind.name === "int32"
      ? forms.map((form): [Kind, Form] => [kind, form])
      : [[kind, forms[at % forms.length]!]],
  );

/** `count` elements a rank, which are its number. */
const laidOut = (
  kind: Kind,
  ranks: readonly number[],
  count: number,
): NumberArray =>
  of(
    kind,
    ranks.flatMap((rank) => repeat(rank, count)),
  );

/** What a rank sends, each part naming the rank and its place, and what it receives. */
function exchange(
  kind: Kind,
  rank: number,
  { sources, destinations, partOf }: Topology,
  count: number,
): { readonly sent: NumberArray; readonly expected: NumberArray } {
  const part = (from: number, place: number) =>
    repeat(10 * from + place, count);
  return {
    sent: of(
      kind,
      destinations.flatMap((_, place) => part(rank, place)),
    ),
    expected: of(
      kind,
      sources.flatMap((source, place) => part(source, partOf(place))),
    ),
  };
}

const bytewise = (kind: Kind, parts: number, count: number): unknown[] => {
  const stepBytes = count * kind.filled(1, 0).BYTES_PER_ELEMENT;
  return [
    [repeat(count, parts), range(parts).map((place) => place * stepBytes)],
    repeat(kind.name, parts),
  ];
};
