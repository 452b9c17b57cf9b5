import type { MPI } from "tsmpi";

export type Comm = typeof MPI.COMM_WORLD;

/** The communicators of mpi4py's classes. A Dup is made for each case and freed after it. */
export const COMMS = ["SELF", "WORLD", "SELF.Dup", "WORLD.Dup"] as const;
export type CommName = (typeof COMMS)[number];

export interface Context {
  /** The communicator the case is about; COMM_SELF in a suite that names none. */
  readonly comm: Comm;
  readonly rank: number;
  readonly size: number;
}

/** Runs on every rank, on all at the same time. Fails by throwing, on whichever rank. */
export type Body = (context: Context) => void | Promise<void>;

export interface Suite {
  /** As the classes of mpi4py's tests are called, without their communicator. */
  readonly name: string;
  /** Every case runs on each of these; none: once, without a communicator of its own. */
  readonly comms?: readonly CommName[];
  /** By what they say, a sentence each. */
  readonly cases: Readonly<Record<string, Body>>;
}

/** What a module in `cases/` exports. Importing it starts no runtime. */
export interface CaseModule {
  readonly suites: readonly Suite[];
}
