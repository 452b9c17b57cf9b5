import { type Measured, spec } from "../benchmark";
import {
  BLOCKS_OF_ALL,
  BLOCKS_OF_ROOT,
  input,
  output,
  present,
  ranksOf,
} from "../blocks";

export const bcast: Measured = {
  kind: "measured",
  summary: "rank 0's buffer, on every rank",
  collective: "bcast",
  sizes: { of: "buffer", busFactor: () => 1 },
  prepare(place) {
    const checked = (place.rank === 0 ? input : output)(place, [0]);
    const argument = spec(checked.buffer, place);
    return { buffers: [checked], run: (comm) => comm.Bcast(argument, 0) };
  },
};

export const gather: Measured = {
  kind: "measured",
  summary: "a block of each rank, all at rank 0",
  collective: "gather",
  sizes: BLOCKS_OF_ROOT,
  prepare(place) {
    const sent = input(place, [place.rank]);
    const received = place.rank === 0 ? output(place, ranksOf(place)) : null;
    const source = spec(sent.buffer, place);
    const target = received && spec(received.buffer, place);
    return {
      buffers: present([sent, received]),
      run: (comm) => comm.Gather(source, target, 0),
    };
  },
};

export const scatter: Measured = {
  kind: "measured",
  summary: "a block of rank 0's for each rank",
  collective: "scatter",
  sizes: BLOCKS_OF_ROOT,
  prepare(place) {
    const sent = place.rank === 0 ? input(place, ranksOf(place)) : null;
    const received = output(place, [place.rank]);
    const source = sent && spec(sent.buffer, place);
    const target = spec(received.buffer, place);
    return {
      buffers: present([sent, received]),
      run: (comm) => comm.Scatter(source, target, 0),
    };
  },
};

export const allgather: Measured = {
  kind: "measured",
  summary: "a block of each rank, all on every rank",
  collective: "allgather",
  sizes: BLOCKS_OF_ALL,
  prepare(place) {
    const sent = input(place, [place.rank]);
    const received = output(place, ranksOf(place));
    const source = spec(sent.buffer, place);
    const target = spec(received.buffer, place);
    return {
      buffers: [sent, received],
      run: (comm) => comm.Allgather(source, target),
    };
  },
};

export const alltoall: Measured = {
  kind: "measured",
  summary: "a block of each rank for each rank",
  collective: "alltoall",
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
    const source = spec(sent.buffer, place);
    const target = spec(received.buffer, place);
    return {
      buffers: [sent, received],
      run: (comm) => comm.Alltoall(source, target),
    };
  },
};

export const barrier: Measured = {
  kind: "measured",
  summary: "nobody goes on before all are there",
  collective: "barrier",
  sizes: null,
  prepare: () => ({ buffers: [], run: (comm) => comm.Barrier() }),
};
