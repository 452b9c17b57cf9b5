import type { MPI } from "tsmpi";
import type { Context } from "../suite.mts";
import { range } from "./loops.mts";

/** A communicator with neighbours, as one rank sees it. */
export interface Topology {
  readonly comm: InstanceType<typeof MPI.Topocomm>;
  /** Neighbours that send to this rank, in the order in which their parts lie in its receive buffer. */
  readonly sources: readonly number[];
  /** Neighbours that this rank sends to, in the order of the send buffer. */
  readonly destinations: readonly number[];
  /** Which part of its send buffer the source in this place has for this rank. */
  readonly partOf: (place: number) => number;
}

/** Calls `body` with a grid, a graph and a distributed graph over the ranks of `comm`, and frees each. */
export function withTopologies(
  context: Context,
  body: (topology: Topology) => void,
): void {
  for (const make of [torus, graph, distributedGraph]) {
    const topology = make(context);
    body(topology);
    topology.comm.Free();
  }
}

/** Of two dimensions for four ranks, else a ring. What goes down arrives from above, in a dimension of one or two ranks too. */
function torus({ comm, size }: Context): Topology {
  const dims = size === 4 ? [2, 2] : [size];
  const cart = comm.Create_cart(
    dims,
    dims.map(() => true),
  );
  const neighbors = range(dims.length).flatMap((direction) =>
    cart.Shift(direction, 1),
  );
  return {
    comm: cart,
    sources: neighbors,
    destinations: neighbors,
    partOf: (place) => place ^ 1,
  };
}

/** Every rank beside the one before it and the one behind it; with one or two ranks these are the same. */
function graph({ comm, rank, size }: Context): Topology {
  const beside = (of: number) => [(of + size - 1) % size, (of + 1) % size];
  const index = range(size).map((of) => 2 * (of + 1));
  return {
    comm: comm.Create_graph(index, range(size).flatMap(beside)),
    sources: beside(rank),
    destinations: beside(rank),
    partOf: (place) => (size < 3 ? place : place ^ 1),
  };
}

/** From the two ranks before to the two behind. */
function distributedGraph({ comm, rank, size }: Context): Topology {
  const at = (distance: number) => (rank + distance + 2 * size) % size;
  const sources = [at(-2), at(-1)];
  const destinations = [at(1), at(2)];
  return {
    comm: comm.Create_dist_graph_adjacent(sources, destinations),
    sources,
    destinations,
    partOf: (place) => (size < 2 ? place : place ^ 1),
  };
}
