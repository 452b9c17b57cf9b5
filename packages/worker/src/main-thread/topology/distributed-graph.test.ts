import { ArgumentError, RankError } from "@tsmpi/protocol";
import { UNWEIGHTED, WEIGHTS_EMPTY } from "../constants";
import {
  neighbourhoodOf,
  readNamedEdges,
  readNeighbourhood,
  type Weights,
} from "./distributed-graph";

const adjacent = (
  sources: readonly number[] | null,
  destinations: readonly number[] | null,
  sourceWeights: Weights = null,
  destWeights: Weights = null,
) =>
  readNeighbourhood({ sources, destinations, sourceWeights, destWeights }, 4);

const named = (
  sources: readonly number[],
  degrees: readonly number[],
  destinations: readonly number[],
  weights: Weights = null,
) => readNamedEdges({ sources, degrees, destinations, weights }, 4);

describe("readNeighbourhood", () => {
  it.each([
    [null, null, null, null, [[], [], null]],
    [[2, 3], [1], null, UNWEIGHTED, [[2, 3], [1], null]],
    [[2, 3], [1], [5, 6], [7], [[2, 3], [1], [[5, 6], [7]]]],
    [[2, 3], null, UNWEIGHTED, null, [[2, 3], [], null]],
    [[2], null, [0], null, [[2], [], [[0], []]]],
    [null, [2], WEIGHTS_EMPTY, [9], [[], [2], [[], [9]]]],
    [[], [], WEIGHTS_EMPTY, WEIGHTS_EMPTY, [[], [], [[], []]]],
  ] as const)(
    "of %p, %p, weighing %p, %p",
    (from, to, fromWeights, toWeights, [sources, destinations, weights]) => {
      expect(adjacent(from, to, fromWeights, toWeights)).toEqual({
        sources,
        destinations,
        weights,
      });
    },
  );

  it.each([
    ["a source that is no rank", [4], [], null, null, RankError],
    ["a destination that is no rank", [], [-1], null, null, RankError],
    [
      "empty weights of neighbours",
      [0],
      [],
      WEIGHTS_EMPTY,
      null,
      ArgumentError,
    ],
    ["too few weights", [0, 1], [], [1], null, ArgumentError],
    ["weights on one side only", [0], [1], [1], null, ArgumentError],
    ["weights on the other side only", [0], [1], null, [1], ArgumentError],
    ["a negative weight", [0], [], [-1], null, ArgumentError],
  ] as const)(
    "refuses %s",
    (_, sources, destinations, sourceWeights, destWeights, errorClass) => {
      expect(() =>
        adjacent(sources, destinations, sourceWeights, destWeights),
      ).toThrow(errorClass);
    },
  );
});

describe("readNamedEdges", () => {
  it.each([
    ["too few degrees", [0, 1], [1], [1], null, ArgumentError],
    ["a negative degree", [0, 1], [-1, 2], [1], null, ArgumentError],
    ["too few destinations", [0], [2], [1], null, ArgumentError],
    ["too many destinations", [0], [1], [1, 2], null, ArgumentError],
    ["too few weights", [0], [2], [1, 2], [1], ArgumentError],
    ["empty weights of edges", [0], [1], [1], WEIGHTS_EMPTY, ArgumentError],
    ["a source that is no rank", [4], [1], [1], null, RankError],
    ["a destination that is no rank", [0], [1], [4], null, RankError],
  ] as const)(
    "refuses %s",
    (_, sources, degrees, destinations, weights, errorClass) => {
      expect(() => named(sources, degrees, destinations, weights)).toThrow(
        errorClass,
      );
    },
  );
});

describe("neighbourhoodOf", () => {
  // MPI 4.1's example: each rank names its own edges in a ring of four, to both sides.
  it("joins what each rank names of its own", () => {
    const lists = [0, 1, 2, 3].map((rank) =>
      named([rank], [2], [(rank + 3) % 4, (rank + 1) % 4]),
    );
    expect(neighbourhoodOf(lists, 0)).toEqual({
      sources: [1, 3],
      destinations: [3, 1],
      weights: null,
    });
    expect(neighbourhoodOf(lists, 2)).toEqual({
      sources: [1, 3],
      destinations: [1, 3],
      weights: null,
    });
  });

  it("gives the same if one rank names all, with their weights", () => {
    const all = named([0, 1, 0], [2, 1, 1], [1, 2, 0, 1], [5, 6, 7, 8]);
    const lists = [named([], [], []), all, named([], [], [], WEIGHTS_EMPTY)];
    expect(neighbourhoodOf(lists, 0)).toEqual({
      sources: [1],
      destinations: [1, 2, 1],
      weights: [[7], [5, 6, 8]],
    });
    expect(neighbourhoodOf(lists, 1)).toEqual({
      sources: [0, 0],
      destinations: [0],
      weights: [[5, 8], [7]],
    });
    expect(neighbourhoodOf(lists, 3)).toEqual({
      sources: [],
      destinations: [],
      weights: [[], []],
    });
  });

  it("of no edges at all is weighted as rank 0 says", () => {
    const none = { sources: [], destinations: [] };
    const unweighted = named([], [], []);
    const weighted = named([], [], [], WEIGHTS_EMPTY);
    expect(neighbourhoodOf([unweighted, weighted], 1)).toEqual({
      ...none,
      weights: null,
    });
    expect(neighbourhoodOf([weighted, unweighted], 1)).toEqual({
      ...none,
      weights: [[], []],
    });
  });

  it("is refused on every rank if some give weights and others do not", () => {
    const lists = [
      named([], [], []),
      named([1], [1], [0], [5]),
      named([2], [1], [0]),
    ];
    for (const rank of [0, 1, 2])
      expect(() => neighbourhoodOf(lists, rank)).toThrow(
        "weights: rank 1 gives some, rank 2 none",
      );
  });
});
