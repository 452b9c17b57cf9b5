import { RankError, TopologyError } from "@tsmpi/protocol";
import { UNDEFINED } from "../constants";
import { graphNeighbours, mapToGraph, readGraph } from "./graph";

// MPI 4.1's example of MPI_GRAPH_CREATE: neighbours of 0 are 1 and 3, of 1 is 0, of 2 is 3, of 3 are 0 and 2.
const INDEX = [2, 3, 4, 6];
const EDGES = [1, 3, 0, 3, 0, 2];
const NEIGHBOURS = [[1, 3], [0], [3], [0, 2]];

describe("readGraph", () => {
  it("gives each node its neighbours, in order", () => {
    const graph = readGraph(INDEX, EDGES, 4);
    expect(graph).toEqual({ index: INDEX, edges: EDGES });
    NEIGHBOURS.forEach((neighbours, rank) =>
      expect(graphNeighbours(graph, rank)).toEqual(neighbours),
    );
  });

  it("takes an index that begins with 0 for the same", () => {
    expect(readGraph([0, ...INDEX], EDGES, 4)).toEqual(
      readGraph(INDEX, EDGES, 4),
    );
    expect(readGraph([0, 1], [0], 1)).toEqual({ index: [1], edges: [0] });
  });

  it("takes a node without edges, an edge to itself, and one that is there twice", () => {
    const graph = readGraph([2, 2, 3], [0, 0, 1], 5);
    expect(graphNeighbours(graph, 0)).toEqual([0, 0]);
    expect(graphNeighbours(graph, 1)).toEqual([]);
    expect(graphNeighbours(graph, 2)).toEqual([1]);
  });

  it("takes two zeros for a first node without edges", () => {
    const graph = readGraph([0, 0, 1], [0], 4);
    expect(graphNeighbours(graph, 0)).toEqual([]);
    expect(graphNeighbours(graph, 1)).toEqual([0]);
  });

  it("takes no nodes at all", () => {
    expect(readGraph([], [], 4)).toEqual({ index: [], edges: [] });
  });

  it.each([
    ["more nodes than ranks", [1, 2, 3, 4, 5], [0, 0, 0, 0, 0]],
    ["an index that falls", [2, 1, 3], [0, 1, 2]],
    ["an index that begins below 0", [-1, 1], [0]],
    ["an index that ends before the edges", [1, 2], [0, 1, 0]],
    ["an index that ends behind the edges", [1, 3], [0, 1]],
    ["edges without nodes", [], [0]],
    ["an edge to no node", [1, 2], [1, 2]],
    ["an edge to below 0", [1, 2], [1, -1]],
  ])("refuses %s", (_, index, edges) => {
    expect(() => readGraph(index, edges, 4)).toThrow(TopologyError);
  });
});

test("ranks outside the graph have no neighbours to ask for, and no place in it", () => {
  const graph = readGraph(INDEX, EDGES, 6);
  for (const rank of [-1, 4])
    expect(() => graphNeighbours(graph, rank)).toThrow(RankError);
  expect([0, 3, 4].map((rank) => mapToGraph(graph, rank))).toEqual([
    0,
    3,
    UNDEFINED,
  ]);
});
