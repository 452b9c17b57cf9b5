import type { TypedArray } from "@tsmpi/protocol";

export { ANY_SOURCE, ANY_TAG } from "@tsmpi/collective";

/** A partner that is nobody: a send to it does nothing, a receive from it gives null at once. */
export const PROC_NULL = -2;
/** Of intercommunicators, which there are none of yet. */
export const ROOT = -4;
/** No number: of a request, a colour, a rank. */
export const UNDEFINED = -32766;

/** In place of a send buffer: the data is in the receive buffer already. */
export const IN_PLACE: unique symbol = Symbol("MPI.IN_PLACE");
export type InPlace = typeof IN_PLACE;

export const MAX_TAG = 2 ** 31 - 1;

/** What comparing two groups or communicators says: the same object, */
export const IDENT = 201;
/** another one with the same ranks in the same order (communicators only), */
export const CONGRUENT = 202;
/** the same ranks in another order, */
export const SIMILAR = 203;
/** other ranks. */
export const UNEQUAL = 204;

/** The kinds of topologies: a grid, a graph that every rank knows, one of which each rank knows its own edges. */
export const CART = 211;
export const GRAPH = 212;
export const DIST_GRAPH = 213;

/** Ways to split a communicator: by host, and by what the host says of its hardware. */
export const COMM_TYPE_SHARED = 1;
export const COMM_TYPE_HW_UNGUIDED = 2;
export const COMM_TYPE_HW_GUIDED = 3;
export const COMM_TYPE_RESOURCE_GUIDED = 4;

/** Bytes that a buffered send takes of the attached buffer besides its message. */
export const BSEND_OVERHEAD = 64;
/** In place of a buffer for buffered sends: whatever they need. */
export const BUFFER_AUTOMATIC: unique symbol = Symbol("MPI.BUFFER_AUTOMATIC");
export type AttachedBuffer = TypedArray | typeof BUFFER_AUTOMATIC | null;

/** No weights: the same as null. */
export const UNWEIGHTED: unique symbol = Symbol("MPI.UNWEIGHTED");
/** Weights of no edges, in a graph whose other ranks may have some. */
export const WEIGHTS_EMPTY: unique symbol = Symbol("MPI.WEIGHTS_EMPTY");
