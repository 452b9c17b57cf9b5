import { DIST_GRAPH } from "../constants";
import {
  type NamedEdges,
  type Neighbourhood,
  neighbourhoodOf,
  readNamedEdges,
  readNeighbourhood,
} from "../topology/distributed-graph";
import { Intracomm } from "./intracomm";
import { type Neighborhood, sameKind, Topocomm } from "./topocomm";

const NO_NEIGHBORS: Neighbourhood = {
  sources: [],
  destinations: [],
  weights: null,
};

/**
 * Ranks as the nodes of a graph of which each rank knows its own edges.
 *
 * @noInheritDoc
 */
export class Distgraphcomm extends Topocomm {
  #own: Neighbourhood = NO_NEIGHBORS;

  /** A null handle; or another handle to one of these. */
  constructor(from: ConstructorParameters<typeof Intracomm>[0] = null) {
    super(from);
    if (from instanceof Intracomm)
      this.#own = sameKind(from, Distgraphcomm).#own;
  }

  /** @internal `comm.Create_dist_graph_adjacent` */
  static makeAdjacent(
    comm: Intracomm,
    edges: Parameters<typeof readNeighbourhood>[0],
  ): Distgraphcomm {
    let own!: Neighbourhood;
    const part = () => {
      own = readNeighbourhood(edges, comm.size);
      return { color: 0, key: comm.rank };
    };
    return comm.split(
      "Create_dist_graph",
      part,
      () => new Distgraphcomm(null),
      (graph) => (graph.#own = own),
    )!;
  }

  /** @internal `comm.Create_dist_graph` */
  static make(
    comm: Intracomm,
    edges: Parameters<typeof readNamedEdges>[0],
  ): Distgraphcomm {
    let named!: NamedEdges;
    const part = () => {
      named = readNamedEdges(edges, comm.size);
      return { color: 0, key: comm.rank };
    };
    const graph = comm.split(
      "Create_dist_graph",
      part,
      () => new Distgraphcomm(null),
      () => {},
    )!;
    graph.#own = neighbourhoodOf(graph.allgather(named), graph.rank);
    return graph;
  }

  override Get_topology(): number {
    void this.state;
    return DIST_GRAPH;
  }

  Get_dist_neighbors_count(): [
    indegree: number,
    outdegree: number,
    weighted: boolean,
  ] {
    const { sources, destinations, weights } = this.#known;
    return [sources.length, destinations.length, weights !== null];
  }
  /** Weights are null in a graph without. */
  Get_dist_neighbors(): [
    sources: number[],
    destinations: number[],
    weights: [sources: number[], destinations: number[]] | null,
  ] {
    const { sources, destinations, weights } = this.#known;
    return [
      [...sources],
      [...destinations],
      weights && [[...weights[0]], [...weights[1]]],
    ];
  }

  /** @internal */
  get neighborhood(): Neighborhood {
    return this.#known;
  }

  /** @internal */
  override inherit(...args: Parameters<Topocomm["inherit"]>): void {
    super.inherit(...args);
    this.#own = (args[0] as Distgraphcomm).#own;
  }

  get #known(): Neighbourhood {
    void this.state;
    return this.#own;
  }
}
