import type { Dtype, TypedArray } from "@tsmpi/protocol";
import { type Measured, type Place, spec } from "../benchmark";
import { allgathering, alltoalling, gathering, scattering } from "../transfer";

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
  ...gathering(spec, parts, (comm, source, target) =>
    comm.Gatherv(source, target, 0),
  ),
};

export const scatterv: Measured = {
  kind: "measured",
  summary: "scatter, with a count for each rank",
  collective: "scatter",
  lengthsDiffer: true,
  ...scattering(parts, spec, (comm, source, target) =>
    comm.Scatterv(source, target, 0),
  ),
};

export const allgatherv: Measured = {
  kind: "measured",
  summary: "allgather, with a count for each rank",
  collective: "allgather",
  lengthsDiffer: true,
  ...allgathering(spec, parts, (comm, source, target) =>
    comm.Allgatherv(source, target),
  ),
};

export const alltoallv: Measured = {
  kind: "measured",
  summary: "alltoall, with a count for each rank",
  collective: "alltoall",
  lengthsDiffer: true,
  ...alltoalling(parts, parts, (comm, source, target) =>
    comm.Alltoallv(source, target),
  ),
};
