import { ArgumentError } from "@tsmpi/protocol";
import { UNWEIGHTED, WEIGHTS_EMPTY } from "../constants";
import { assertLength, assertRank, isNatural } from "./checks";

export type Weights =
  readonly number[] | typeof UNWEIGHTED | typeof WEIGHTS_EMPTY | null;

/** What one rank of a distributed graph knows: whom it hears, and to whom it speaks. The order of neighbour collectives. */
export interface Neighbourhood {
  readonly sources: readonly number[];
  readonly destinations: readonly number[];
  /** One for each source, one for each destination; null in a graph without weights. */
  readonly weights:
    | readonly [sources: readonly number[], destinations: readonly number[]]
    | null;
}

/** Edges that one rank names. They may be anybody's. */
export interface NamedEdges {
  readonly edges: readonly Edge[];
  readonly isWeighted: boolean;
}

interface Edge {
  readonly source: number;
  readonly destination: number;
  readonly weight: number;
}

/**
 * The neighbourhood that these arguments of `Create_dist_graph_adjacent` ask for, on `size` ranks. null is an empty list.
 *
 * @throws {RankError} a neighbour is no rank
 * @throws {ArgumentError} not one weight for each neighbour, weights on one side only, a weight that is no natural number
 */
export function readNeighbourhood(
  {
    sources,
    destinations,
    sourceWeights,
    destWeights,
  }: {
    readonly sources: readonly number[] | null;
    readonly destinations: readonly number[] | null;
    readonly sourceWeights: Weights;
    readonly destWeights: Weights;
  },
  size: number,
): Neighbourhood {
  const from = ranksOf(sources ?? [], size, "source");
  const to = ranksOf(destinations ?? [], size, "destination");
  const fromWeights = readWeights(sourceWeights, from.length, "sourceweights");
  const toWeights = readWeights(destWeights, to.length, "destweights");
  const isWeighted = fromWeights !== null || toWeights !== null;
  if (
    isWeighted &&
    ((fromWeights === null && from.length > 0) ||
      (toWeights === null && to.length > 0))
  )
    throw new ArgumentError(
      "sourceweights and destweights: give both or neither",
    );
  return {
    sources: from,
    destinations: to,
    weights: isWeighted ? [fromWeights ?? [], toWeights ?? []] : null,
  };
}

/**
 * The edges that these arguments of `Create_dist_graph` name, on `size` ranks: `degrees[i]` of `destinations` belong to
 * `sources[i]`.
 *
 * @throws {RankError} an end of an edge is no rank
 * @throws {ArgumentError} lists that do not fit each other, a degree or a weight that is no natural number
 */
export function readNamedEdges(
  {
    sources,
    degrees,
    destinations,
    weights,
  }: {
    readonly sources: readonly number[];
    readonly degrees: readonly number[];
    readonly destinations: readonly number[];
    readonly weights: Weights;
  },
  size: number,
): NamedEdges {
  assertLength(degrees, sources.length, "degrees");
  if (!degrees.every(isNatural))
    throw new ArgumentError(
      `degrees [${degrees.join(", ")}] must be natural numbers`,
    );
  const count = degrees.reduce((sum, degree) => sum + degree, 0);
  assertLength(destinations, count, "destinations");
  const to = ranksOf(destinations, size, "destination");
  const from = ranksOf(sources, size, "source").flatMap((source, i) =>
    Array.from({ length: degrees[i]! }, () => source),
  );
  const ofEdges = readWeights(weights, count, "weights");
  return {
    edges: from.map((source, i) => ({
      source,
      destination: to[i]!,
      weight: ofEdges?.[i] ?? 1,
    })),
    isWeighted: ofEdges !== null,
  };
}

/**
 * The neighbourhood of `rank` in the graph whose edges the ranks name, in the order of those ranks and of their lists. An edge
 * that is named twice is there twice. Every rank comes to the same graph, or to the same error.
 *
 * @param named of every rank, in rank order
 * @throws {ArgumentError} some ranks give weights and others none
 */
export function neighbourhoodOf(
  named: readonly NamedEdges[],
  rank: number,
): Neighbourhood {
  // Who names no edge may say either.
  const naming = named.filter(({ edges }) => edges.length > 0);
  const isWeighted = (naming[0] ?? named[0])?.isWeighted ?? false;
  const other = naming.find((list) => list.isWeighted !== isWeighted);
  if (other)
    throw new ArgumentError(
      `weights: rank ${named.indexOf(naming[0]!)} gives ${isWeighted ? "some" : "none"}, rank ${named.indexOf(other)} ${isWeighted ? "none" : "some"}`,
    );
  const edges = named.flatMap((list) => list.edges);
  const into = edges.filter(({ destination }) => destination === rank);
  const outOf = edges.filter(({ source }) => source === rank);
  return {
    sources: into.map(({ source }) => source),
    destinations: outOf.map(({ destination }) => destination),
    weights: isWeighted ? [into.map(weightOf), outOf.map(weightOf)] : null,
  };
}

const weightOf = ({ weight }: Edge): number => weight;

function ranksOf(
  ranks: readonly number[],
  size: number,
  name: string,
): readonly number[] {
  for (const rank of ranks) assertRank(rank, size, name);
  return [...ranks];
}

function readWeights(
  weights: Weights,
  count: number,
  name: string,
): readonly number[] | null {
  if (weights === null || weights === UNWEIGHTED) return null;
  const list = weights === WEIGHTS_EMPTY ? [] : weights;
  assertLength(list, count, name);
  if (!list.every(isNatural))
    throw new ArgumentError(
      `${name} [${list.join(", ")}] must be natural numbers`,
    );
  return [...list];
}
