import { equal, throws } from "../check.mts";
import { COMMS, type Suite } from "../suite.mts";
import { SOME_VALUES } from "../support/values.mts";
import { withTopologies } from "../support/topologies.mts";

export const suites: readonly Suite[] = [
  {
    name: "CCONghObj",
    comms: COMMS,
    cases: {
      "neighbor-allgather gives each rank a list of its sources' values": (
        context,
      ) => {
        withTopologies(context, ({ comm, sources }) => {
          for (const value of SOME_VALUES)
            equal(
              comm.neighbor_allgather([context.rank, value]),
              sources.map((source) => [source, value]),
            );
        });
      },

      "neighbor-alltoall gives each rank its item of each source's list": (
        context,
      ) => {
        withTopologies(context, ({ comm, sources, destinations, partOf }) => {
          for (const value of SOME_VALUES)
            equal(
              comm.neighbor_alltoall(
                destinations.map((_, place) => [context.rank, place, value]),
              ),
              sources.map((source, place) => [source, partOf(place), value]),
            );
        });
      },

      "the non-blocking twins give the same": (context) => {
        withTopologies(context, ({ comm, sources, destinations, partOf }) => {
          const gathered = comm.ineighbor_allgather(context.rank);
          const exchanged = comm.ineighbor_alltoall(
            destinations.map((_, place) => [context.rank, place]),
          );
          equal(
            exchanged.wait(),
            sources.map((source, place) => [source, partOf(place)]),
          );
          equal(gathered.wait(), sources);
        });
      },

      "neighbours beyond the end of a line give null": ({
        comm,
        rank,
        size,
      }) => {
        const line = comm.Create_cart([size], [false]);
        equal(line.neighbor_allgather(rank), [
          rank > 0 ? rank - 1 : null,
          rank < size - 1 ? rank + 1 : null,
        ]);
        equal(line.neighbor_alltoall([`${rank}<`, `${rank}>`]), [
          rank > 0 ? `${rank - 1}>` : null,
          rank < size - 1 ? `${rank + 1}<` : null,
        ]);
        line.Free();
      },

      "neighbor-alltoall refuses a list that has not an item a neighbour": (
        context,
      ) => {
        withTopologies(context, ({ comm, destinations }) => {
          throws(
            () =>
              comm.neighbor_alltoall([
                ...destinations.map(() => 0),
                0,
              ] as never),
            ["ERR_ARG", "ERR_COUNT"],
          );
        });
      },
    },
  },
];
