import { MPI } from "tsmpi";
import { equal, throws } from "../check.mts";
import { COMMS, type Context, type Suite } from "../suite.mts";
import { range, total } from "../support/loops.mts";
import { SOME_VALUES, VALUES } from "../support/values.mts";

/** What an op makes of `size` ranks that contribute their rank, or the pair [rank, rank]. */
const OPS = [
  { name: "SUM", result: (size: number) => total(range(size)) },
  { name: "PROD", result: () => 0 },
  { name: "MAX", result: (size: number) => size - 1 },
  { name: "MIN", result: () => 0 },
  { name: "MAXLOC", result: (size: number) => [size - 1, size - 1] },
  { name: "MINLOC", result: () => [0, 0] },
  { name: "REPLACE", result: (size: number) => size - 1 },
  { name: "NO_OP", result: () => 0 },
] as const;

const contribution = (name: string, rank: number): number | number[] =>
  name.endsWith("LOC") ? [rank, rank] : rank;

/** Every value with one root, and every root with some. */
const withRoots = (size: number): [value: unknown, root: number][] => [
  ...VALUES.map((value, at): [unknown, number] => [value, at % size]),
  ...range(size).flatMap((root) =>
    SOME_VALUES.map((value): [unknown, number] => [value, root]),
  ),
];

export const suites: readonly Suite[] = [
  {
    name: "CCOObj",
    comms: COMMS,
    cases: {
      "barrier returns": ({ comm }) => {
        comm.barrier();
      },

      "bcast gives the root's value to every rank": ({ comm, rank, size }) => {
        for (const [value, root] of withRoots(size))
          equal(
            comm.bcast(rank === root ? value : "of no interest", root),
            value,
          );
      },

      "gather gives the root a list of every rank's value, and null elsewhere":
        ({ comm, rank, size }) => {
          for (const [value, root] of withRoots(size))
            equal(
              comm.gather([rank, value], root),
              rank === root ? range(size).map((other) => [other, value]) : null,
            );
        },

      "scatter gives each rank its item of the root's list": ({
        comm,
        rank,
        size,
      }) => {
        for (const [value, root] of withRoots(size)) {
          const items = range(size).map((other) => [other, value]);
          equal(comm.scatter(rank === root ? items : null, root), [
            rank,
            value,
          ]);
        }
      },

      "allgather gives every rank a list of every rank's value": ({
        comm,
        rank,
        size,
      }) => {
        for (const value of VALUES)
          equal(
            comm.allgather([rank, value]),
            range(size).map((other) => [other, value]),
          );
      },

      "alltoall gives rank j item j of every rank's list": ({
        comm,
        rank,
        size,
      }) => {
        for (const value of VALUES)
          equal(
            comm.alltoall(range(size).map((to) => [rank, to, value])),
            range(size).map((from) => [from, rank, value]),
          );
      },

      "reduce gives the result at the root, and null elsewhere": ({
        comm,
        rank,
        size,
      }) => {
        for (const root of range(size))
          for (const { name, result } of OPS)
            equal(
              comm.reduce(contribution(name, rank), MPI[name], root),
              rank === root ? result(size) : null,
            );
      },

      "reduce refuses a root that is no rank": ({ comm, size }) => {
        for (const root of [-size, size])
          throws(() => comm.reduce(null, MPI.NO_OP, root), "ERR_ROOT");
      },

      "allreduce gives the result everywhere": ({ comm, rank, size }) => {
        for (const { name, result } of OPS)
          equal(
            comm.allreduce(contribution(name, rank), MPI[name]),
            result(size),
          );
      },

      "scan gives the result over the ranks up to this one": (context) => {
        const { comm, rank, size } = context;
        equal(comm.scan(size, MPI.SUM), size * (rank + 1));
        equal(comm.scan(rank, MPI.SUM), total(range(rank + 1)));
        equal(comm.scan([rank, rank], MPI.MINLOC), [0, 0]);
        equal(comm.scan([rank, rank], MPI.MAXLOC), [rank, rank]);
        equal(comm.scan(rank, MPI.REPLACE), rank);
        equal(comm.scan(rank, MPI.NO_OP), 0);
      },

      "exscan gives the result over the ranks before this one, null on rank 0":
        (context) => {
          const { comm, rank, size } = context;
          equal(comm.exscan(size, MPI.SUM), beyond0(context, size * rank));
          equal(
            comm.exscan(rank, MPI.SUM),
            beyond0(context, total(range(rank))),
          );
          equal(
            comm.exscan([rank, rank], MPI.MINLOC),
            beyond0(context, [0, 0]),
          );
          equal(
            comm.exscan([rank, rank], MPI.MAXLOC),
            beyond0(context, [rank - 1, rank - 1]),
          );
          equal(comm.exscan(rank, MPI.REPLACE), beyond0(context, rank - 1));
          equal(comm.exscan(rank, MPI.NO_OP), beyond0(context, 0));
        },
    },
  },
];

/** An exclusive scan has nothing for rank 0. */
const beyond0 = <T,>({ rank }: Context, value: T): T | null =>
  rank === 0 ? null : value;
