import { MPI } from "tsmpi";
import { equal, isFalse, isTrue, ok, throws } from "../check.mts";
import { type Comm, COMMS, type Suite } from "../suite.mts";
import { range, repeat, total } from "../support/loops.mts";

const NOT_THIS_TOPOLOGY = ["ERR_TOPOLOGY", "ERR_TYPE", "ERR_ARG"];
const NOT_THIS_LENGTH = ["ERR_ARG", "ERR_COUNT", "ERR_DIMS"];

const product = (numbers: readonly number[]): number =>
  numbers.reduce((result, number) => result * number, 1);

/** Every rank's neighbours: the one before and the one behind it. */
const ring = (size: number) => {
  const neighbors = (rank: number) => [
    (rank + size - 1) % size,
    (rank + 1) % size,
  ];
  return {
    neighbors,
    index: range(size).map((rank) => 2 * (rank + 1)),
    edges: range(size).flatMap(neighbors),
  };
};

/** What every kind of topology says about a rank's neighbours. */
function hasEdges(
  topology: InstanceType<typeof MPI.Topocomm>,
  inedges: readonly number[],
  outedges: readonly number[],
): void {
  isTrue(topology.is_topo);
  ok(topology instanceof MPI.Topocomm, "not a Topocomm");
  equal(topology.indegree, inedges.length);
  equal(topology.outdegree, outedges.length);
  equal(topology.degrees, [inedges.length, outedges.length]);
  equal(topology.inedges, inedges);
  equal(topology.outedges, outedges);
  equal(topology.inoutedges, [inedges, outedges]);
}

/** A communicator made from a topology is one of the same class. */
function isKept(topology: Comm): void {
  const dup = topology.Dup();
  equal(dup.constructor, topology.constructor);
  equal(dup.topology, topology.topology);
  equal(dup.allreduce(1), topology.size);
  dup.Free();
}

export const suites: readonly Suite[] = [
  {
    name: "TopoConstructor",
    cases: {
      "a Topocomm is not made from a communicator without a topology": ({
        comm,
      }) => {
        // The compiler knows that it is abstract.
        const Topocomm = MPI.Topocomm as unknown as typeof MPI.Cartcomm;
        throws(() => new Topocomm(comm), NOT_THIS_TOPOLOGY);
      },

      "a grid is no graph": ({ comm }) => {
        const grid = comm.Create_cart([1]);
        isTrue(new MPI.Cartcomm(grid).equals(grid));
        throws(() => new MPI.Graphcomm(grid), NOT_THIS_TOPOLOGY);
        throws(() => new MPI.Distgraphcomm(grid), NOT_THIS_TOPOLOGY);
        grid.Free();
      },

      "a graph is no grid": ({ comm }) => {
        const graph = comm.Create_graph([0, 1], [0]);
        throws(() => new MPI.Cartcomm(graph), NOT_THIS_TOPOLOGY);
        throws(() => new MPI.Distgraphcomm(graph), NOT_THIS_TOPOLOGY);
        graph.Free();
      },

      "a distributed graph is no grid and no graph": ({ comm }) => {
        const graph = comm.Create_dist_graph([], [], []);
        throws(() => new MPI.Cartcomm(graph), NOT_THIS_TOPOLOGY);
        throws(() => new MPI.Graphcomm(graph), NOT_THIS_TOPOLOGY);
        graph.Free();
        throws(
          () =>
            comm.Create_dist_graph_adjacent(
              [0],
              [0],
              MPI.WEIGHTS_EMPTY,
              MPI.WEIGHTS_EMPTY,
            ),
          NOT_THIS_LENGTH,
        );
      },
    },
  },
  {
    name: "Topo",
    comms: COMMS,
    cases: {
      "a grid knows its coordinates and neighbours": ({ comm, size }) => {
        for (const ndim of [1, 2, 3, 4, 5]) {
          const dims = MPI.Compute_dims(size, repeat(0, ndim));
          const periods = repeat(true, ndim);
          const grid = comm.Create_cart(dims, periods);
          equal(grid.topology, MPI.CART);
          equal([grid.dim, grid.ndim, grid.Get_dim()], [ndim, ndim, ndim]);
          const { coords } = grid;
          equal(coords, grid.Get_coords(grid.rank));
          equal(grid.topo, [dims, periods, coords]);
          equal(grid.Get_topo(), [dims, periods, coords]);
          const neighbors = range(ndim).flatMap((direction) =>
            [-1, 1].map((step) => {
              const beside = coords.with(
                direction,
                (coords[direction]! + step + dims[direction]!) %
                  dims[direction]!,
              );
              const neighbor = grid.Get_cart_rank(beside);
              equal(grid.Get_coords(neighbor), beside);
              const [source, destination] = grid.Shift(direction, step);
              equal(destination, neighbor);
              equal(grid.Shift(direction, -step), [destination, source]);
              return neighbor;
            }),
          );
          hasEdges(grid, neighbors, neighbors);
          isKept(grid);
          grid.Free();
        }
      },

      "a grid without one of its dimensions is a grid": ({ comm, size }) => {
        for (const ndim of [2, 3, 4, 5]) {
          const dims = MPI.Compute_dims(size, ndim);
          const grid = comm.Create_cart(dims, repeat(true, ndim));
          for (const left of range(ndim)) {
            const part = grid.Sub(range(ndim).map((at) => at !== left));
            equal(part.dim, ndim - 1);
            equal(part.dims, dims.toSpliced(left, 1));
            equal(part.coords, grid.coords.toSpliced(left, 1));
            equal(part.size, size / dims[left]!);
            const [atRank0] = part.allgather(grid.coords[left]!);
            equal(atRank0, grid.coords[left]);
            part.Free();
          }
          grid.Free();
        }
      },

      "a grid needs a period a dimension": ({ comm, size }) => {
        throws(() => comm.Create_cart([size], []), NOT_THIS_LENGTH);
        throws(() => comm.Create_cart([size], [false, false]), NOT_THIS_LENGTH);
      },

      "a grid larger than the communicator is refused, of a smaller one some are no part":
        ({ comm, rank, size }) => {
          throws(
            () => comm.Create_cart([size + 1]),
            [...NOT_THIS_LENGTH, "ERR_TOPOLOGY"],
          );
          if (size === 1) return;
          const smaller = comm.Create_cart([size - 1]);
          if (rank === size - 1) ok(smaller === MPI.COMM_NULL);
          else {
            equal([smaller.rank, smaller.size], [rank, size - 1]);
            smaller.Free();
          }
        },

      "a grid without dimensions is one rank": ({ comm, rank }) => {
        const point = comm.Create_cart([]);
        equal(point.isNull, rank > 0);
        if (point.isNull) return;
        equal(point.dim, 0);
        equal([point.dims, point.periods, point.coords], [[], [], []]);
        equal(point.Get_cart_rank([]), 0);
        equal(point.inoutedges, [[], []]);
        point.Free();
      },

      "coordinates beyond a periodic dimension come round, beyond another are refused":
        ({ comm, size }) => {
          const round = comm.Create_cart([size], [true]);
          equal(round.Get_cart_rank([-1]), size - 1);
          equal(round.Get_cart_rank([2 * size]), 0);
          round.Free();
          const line = comm.Create_cart([size], [false]);
          for (const beyond of [-1, size])
            throws(() => line.Get_cart_rank([beyond]), ["ERR_ARG", "ERR_RANK"]);
          throws(() => line.Get_coords(size), "ERR_RANK");
          line.Free();
        },

      "a step beyond the end of a line leads to PROC_NULL": ({
        comm,
        rank,
        size,
      }) => {
        const line = comm.Create_cart([size]);
        equal(line.periods, [false]);
        for (const step of [-size, -1, 1, 2, size]) {
          const at = (to: number) =>
            to < 0 || to >= size ? MPI.PROC_NULL : to;
          equal(line.Shift(0, step), [at(rank - step), at(rank + step)]);
        }
        line.Free();
      },

      "a graph knows its nodes, its edges and each rank's neighbours": ({
        comm,
        rank,
        size,
      }) => {
        const { neighbors, index, edges } = ring(size);
        for (const given of [index, [0, ...index]]) {
          const graph = comm.Create_graph(given, edges);
          equal(graph.topology, MPI.GRAPH);
          equal(graph.dims, [size, 2 * size]);
          equal(graph.Get_dims(), [size, 2 * size]);
          equal([graph.nnodes, graph.nedges], [size, 2 * size]);
          equal(graph.index, index);
          equal(graph.edges, edges);
          equal(graph.topo, [index, edges]);
          equal(graph.Get_topo(), [index, edges]);
          equal(graph.neighbors, neighbors(rank));
          equal(graph.nneighbors, 2);
          for (const other of range(size)) {
            equal(graph.Get_neighbors(other), neighbors(other));
            equal(graph.Get_neighbors_count(other), 2);
          }
          hasEdges(graph, neighbors(rank), neighbors(rank));
          isKept(graph);
          graph.Free();
        }
      },

      "a distributed graph knows what each rank said of itself": ({
        comm,
        rank,
        size,
      }) => {
        comm.Create_dist_graph_adjacent(null, null).Free();
        const at = (step: number) => (rank + step + 2 * size) % size;
        const sources = [at(-2), at(-1)];
        const destinations = [at(1), at(2)];

        const plain = comm.Create_dist_graph_adjacent(sources, destinations);
        equal(plain.topology, MPI.DIST_GRAPH);
        equal(plain.Get_dist_neighbors_count(), [2, 2, false]);
        equal(plain.Get_dist_neighbors(), [sources, destinations, null]);
        hasEdges(plain, sources, destinations);
        isKept(plain);
        plain.Free();

        const weights = [
          [1, 2],
          [3, 4],
        ] as const;
        const weighted = comm.Create_dist_graph_adjacent(
          sources,
          destinations,
          ...weights,
        );
        equal(weighted.Get_dist_neighbors_count(), [2, 2, true]);
        equal(weighted.Get_dist_neighbors(), [sources, destinations, weights]);
        weighted.Free();
      },

      "a distributed graph may have edges one way only, or none": ({
        comm,
        rank,
        size,
      }) => {
        const at = (step: number) => (rank + step + 2 * size) % size;
        const sources = [at(-2), at(-1)];
        const destinations = [at(1), at(2)];
        // Sources alone make no whole graph, since nobody says to send; MPI asks nothing of it before a neighbour collective.
        const before = comm.Create_dist_graph_adjacent(
          sources,
          null,
          MPI.UNWEIGHTED,
          null,
        );
        equal(before.Get_dist_neighbors_count(), [2, 0, false]);
        equal(before.Get_dist_neighbors(), [sources, [], null]);
        before.Free();
        const behind = comm.Create_dist_graph_adjacent(
          null,
          destinations,
          null,
          MPI.UNWEIGHTED,
        );
        equal(behind.Get_dist_neighbors_count(), [0, 2, false]);
        equal(behind.Get_dist_neighbors(), [[], destinations, null]);
        behind.Free();
        const none = comm.Create_dist_graph_adjacent(
          [],
          [],
          MPI.WEIGHTS_EMPTY,
          MPI.WEIGHTS_EMPTY,
        );
        equal(none.Get_dist_neighbors_count(), [0, 0, true]);
        equal(none.Get_dist_neighbors(), [[], [], [[], []]]);
        none.Free();
      },

      "a distributed graph may be told by ranks about others": ({
        comm,
        rank,
        size,
      }) => {
        comm.Create_dist_graph([], [], [], MPI.UNWEIGHTED).Free();
        const around = [(rank + size - 1) % size, rank, (rank + 1) % size];
        const plain = comm.Create_dist_graph(
          [rank],
          [3],
          around,
          MPI.UNWEIGHTED,
        );
        equal(plain.topology, MPI.DIST_GRAPH);
        equal(plain.Get_dist_neighbors_count(), [3, 3, false]);
        equal(new Set(plain.inedges), new Set(around));
        equal(new Set(plain.outedges), new Set(around));
        plain.Free();
        const weighted = comm.Create_dist_graph([rank], [3], around, [1, 2, 3]);
        equal(weighted.Get_dist_neighbors_count(), [3, 3, true]);
        const [, , weights] = weighted.Get_dist_neighbors();
        equal(
          weights!.map((some) => total(some)),
          [6, 6],
        );
        weighted.Free();

        // Rank 0 alone draws the ring.
        const all = range(size);
        const told = comm.Create_dist_graph(
          rank === 0 ? all : [],
          rank === 0 ? all.map(() => 1) : [],
          rank === 0 ? all.map((other) => (other + 1) % size) : [],
        );
        equal(told.inedges, [(rank + size - 1) % size]);
        equal(told.outedges, [(rank + 1) % size]);
        told.Free();
      },

      "Cart_map tells the rank that a grid would give": ({ comm, size }) => {
        for (const ndim of [1, 2, 3, 4, 5])
          for (const periods of [null, true, false]) {
            const dims = MPI.Compute_dims(size, ndim);
            const grid = comm.Create_cart(dims, periods, true);
            equal(comm.Cart_map(dims, periods), grid.Get_rank());
            grid.Free();
          }
      },

      "Graph_map tells the rank that a graph would give": ({ comm, size }) => {
        const { index, edges } = ring(size);
        for (const given of [index, [0, ...index]]) {
          const graph = comm.Create_graph(given, edges, true);
          equal(comm.Graph_map(given, edges), graph.Get_rank());
          graph.Free();
        }
      },

      "a communicator without a topology has no neighbours to ask for": ({
        comm,
      }) => {
        isFalse(comm.is_topo);
        equal(comm.Get_topology(), MPI.UNDEFINED);
        ok(!(comm instanceof MPI.Topocomm));
      },
    },
  },
  {
    name: "ComputeDims",
    cases: {
      "the dimensions of a grid multiply to its ranks, largest first": () => {
        for (const nodes of [1, 2, 3, 4, 5, 6, 12, 17, 64, 360])
          for (const ndim of [1, 2, 3]) {
            const dims = MPI.Compute_dims(nodes, ndim);
            equal(dims.length, ndim);
            equal(product(dims), nodes);
            equal(
              dims,
              dims.toSorted((a, b) => b - a),
            );
          }
        equal(MPI.Compute_dims(12, 2), [4, 3]);
        equal(MPI.Compute_dims(6, 2), [3, 2]);
        equal(MPI.Compute_dims(7, 2), [7, 1]);
        equal(MPI.Compute_dims(64, 3), [4, 4, 4]);
      },

      "dimensions that are given stay": () => {
        equal(MPI.Compute_dims(12, [0, 2]), [6, 2]);
        equal(MPI.Compute_dims(12, [3, 0]), [3, 4]);
        equal(MPI.Compute_dims(12, [3, 4]), [3, 4]);
        equal(MPI.Compute_dims(6, [0, 3, 0]), [2, 3, 1]);
        throws(() => MPI.Compute_dims(7, [0, 2]), ["ERR_DIMS", "ERR_ARG"]);
        throws(() => MPI.Compute_dims(7, [-1, 2]), ["ERR_DIMS", "ERR_ARG"]);
      },
    },
  },
];
