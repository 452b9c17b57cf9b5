import { type Measured, spec } from "../benchmark";
import { input, output } from "../blocks";
import { allgathering, alltoalling, gathering, scattering } from "../transfer";

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
  ...gathering(spec, spec, (comm, source, target) =>
    comm.Gather(source, target, 0),
  ),
};

export const scatter: Measured = {
  kind: "measured",
  summary: "a block of rank 0's for each rank",
  collective: "scatter",
  ...scattering(spec, spec, (comm, source, target) =>
    comm.Scatter(source, target, 0),
  ),
};

export const allgather: Measured = {
  kind: "measured",
  summary: "a block of each rank, all on every rank",
  collective: "allgather",
  ...allgathering(spec, spec, (comm, source, target) =>
    comm.Allgather(source, target),
  ),
};

export const alltoall: Measured = {
  kind: "measured",
  summary: "a block of each rank for each rank",
  collective: "alltoall",
  ...alltoalling(spec, spec, (comm, source, target) =>
    comm.Alltoall(source, target),
  ),
};

export const barrier: Measured = {
  kind: "measured",
  summary: "nobody goes on before all are there",
  collective: "barrier",
  sizes: null,
  prepare: () => ({ buffers: [], run: (comm) => comm.Barrier() }),
};
