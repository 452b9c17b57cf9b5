import type { Dtype, TypedArray } from "@tsmpi/protocol";
import { type Measured, type Place, spec } from "../benchmark";
import {
  BLOCKS_OF_ALL,
  BLOCKS_OF_ROOT,
  input,
  output,
  present,
  ranksOf,
} from "../blocks";

/** The argument of a buffer with a count for each rank. */
const parts = (
  array: TypedArray,
  { dtype, size, count }: Place,
): [TypedArray, number[], Dtype] => [
  array,
  new Array<number>(size).fill(count),
  dtype,
];

export const gatherv: Measured = {
  kind: "measured",
  summary: "gather, with a count for each rank",
  collective: "gather",
  lengthsDiffer: true,
  sizes: BLOCKS_OF_ROOT,
  prepare(place) {
    const sent = input(place, [place.rank]);
    const received = place.rank === 0 ? output(place, ranksOf(place)) : null;
    const source = spec(sent.buffer, place);
    const target = received && parts(received.buffer, place);
    return {
      buffers: present([sent, received]),
      run: (comm) => comm.Gatherv(source, target, 0),
    };
  },
};

export const scatterv: Measured = {
  kind: "measured",
  summary: "scatter, with a count for each rank",
  collective: "scatter",
  lengthsDiffer: true,
  sizes: BLOCKS_OF_ROOT,
  prepare(place) {
    const sent = place.rank === 0 ? input(place, ranksOf(place)) : null;
    const received = output(place, [place.rank]);
    const source = sent && parts(sent.buffer, place);
    const target = spec(received.buffer, place);
    return {
      buffers: present([sent, received]),
      run: (comm) => comm.Scatterv(source, target, 0),
    };
  },
};

export const allgatherv: Measured = {
  kind: "measured",
  summary: "allgather, with a count for each rank",
  collective: "allgather",
  lengthsDiffer: true,
  sizes: BLOCKS_OF_ALL,
  prepare(place) {
    const sent = input(place, [place.rank]);
    const received = output(place, ranksOf(place));
    const source = spec(sent.buffer, place);
    const target = parts(received.buffer, place);
    return {
      buffers: [sent, received],
      run: (comm) => comm.Allgatherv(source, target),
    };
  },
};

export const alltoallv: Measured = {
  kind: "measured",
  summary: "alltoall, with a count for each rank",
  collective: "alltoall",
  lengthsDiffer: true,
  sizes: BLOCKS_OF_ALL,
  prepare(place) {
    const { rank, size } = place;
    const ranks = ranksOf(place);
    const sent = input(
      place,
      ranks.map((dest) => rank * size + dest),
    );
    const received = output(
      place,
      ranks.map((source) => source * size + rank),
    );
    const source = parts(sent.buffer, place);
    const target = parts(received.buffer, place);
    return {
      buffers: [sent, received],
      run: (comm) => comm.Alltoallv(source, target),
    };
  },
};
