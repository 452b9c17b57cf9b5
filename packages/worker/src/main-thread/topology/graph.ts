import { TopologyError } from "@tsmpi/protocol";
import { UNDEFINED } from "../constants";
import { assertRank, isNatural } from "./checks";

/** Node i's neighbours are `edges` from `index[i − 1]` (from 0 for node 0) up to `index[i]`. */
export interface Graph {
  readonly index: readonly number[];
  readonly edges: readonly number[];
}

/**
 * The graph that these arguments of `Create_graph` ask for, on `size` ranks. An index that begins with 0 has one item more than
 * nodes, as usual for adjacency lists: its 0 is left out. So where node 0 has no neighbours the index begins with two of them.
 *
 * @throws {TopologyError} more nodes than ranks, an index that falls or does not end with the number of edges, an edge to nobody
 */
export function readGraph(
  index: readonly number[],
  edges: readonly number[],
  size: number,
): Graph {
  const ends = index[0] === 0 ? index.slice(1) : [...index];
  if (ends.length > size)
    throw new TopologyError(
      `a graph of ${ends.length} nodes is larger than the communicator's ${size} ranks`,
    );
  if (
    !ends.every((end, i) => isNatural(end) && end >= (ends[i - 1] ?? 0)) ||
    (ends.at(-1) ?? 0) !== edges.length
  )
    throw new TopologyError(
      `index [${index.join(", ")}] must rise to the number of edges, ${edges.length}`,
    );
  for (const edge of edges)
    if (!isNatural(edge) || edge >= ends.length)
      throw new TopologyError(
        `an edge leads to ${edge}, which is not a node from 0 to ${ends.length - 1}`,
      );
  return { index: ends, edges: [...edges] };
}

/** The rank that this rank has in a graph that is made of the first ranks; UNDEFINED behind them. */
export const mapToGraph = ({ index }: Graph, rank: number): number =>
  rank < index.length ? rank : UNDEFINED;

/**
 * In the order of the edges. The order of neighbour collectives.
 *
 * @throws {RankError}
 */
export function graphNeighbours(
  { index, edges }: Graph,
  rank: number,
): number[] {
  assertRank(rank, index.length, "rank");
  return edges.slice(index[rank - 1] ?? 0, index[rank]);
}
