export { ANY_SOURCE, ANY_TAG } from "@tsmpi/collective";

/** A partner that is nobody: a send to it does nothing, a receive from it gives null at once. */
export const PROC_NULL = -2;

/** In place of a send buffer: the data is in the receive buffer already. */
export const IN_PLACE = Symbol("MPI.IN_PLACE");
export type InPlace = typeof IN_PLACE;

export const MAX_TAG = 2 ** 31 - 1;
