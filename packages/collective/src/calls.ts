/**
 * Every call that the ranks of a communicator make together, by the name it has in messages for people. Its place in this list,
 * from 1, is its code in frame headers: append, never reorder.
 */
export const CALL_NAMES = [
  "allreduce",
  "reduce",
  "bcast",
  "gather",
  "scatter",
  "allgather",
  "barrier",
  "alltoall",
  "reduce_scatter",
  "reduce_scatter_block",
  "scan",
  "exscan",
  "gatherv",
  "scatterv",
  "allgatherv",
  "alltoallv",
  "alltoallw",
  "neighbor_allgather",
  "neighbor_allgatherv",
  "neighbor_alltoall",
  "neighbor_alltoallv",
  "neighbor_alltoallw",
  "Dup",
  "Split",
  "Split_type",
  "Create",
  "Create_group",
  "Create_cart",
  "Create_graph",
  "Create_dist_graph",
  "Sub",
  "Agree",
  "Shrink",
] as const;

export type CallName = (typeof CALL_NAMES)[number];

export const callCode = (name: CallName): number =>
  CALL_NAMES.indexOf(name) + 1;

/** The inverse, of a code that this process has made. */
export const callFromCode = (code: number): CallName => CALL_NAMES[code - 1]!;

/** For people, of whatever code has arrived. */
export const callName = (code: number): string =>
  CALL_NAMES[code - 1] ?? `call ${code}`;
