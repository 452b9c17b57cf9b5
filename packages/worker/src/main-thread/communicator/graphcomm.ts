import { GRAPH, UNDEFINED } from "../constants";
import { type Graph, graphNeighbours, readGraph } from "../topology/graph";
import { COMM_NULL, Intracomm } from "./intracomm";
import { type Neighborhood, sameKind, Topocomm } from "./topocomm";

/**
 * Ranks as the nodes of a graph that every rank knows whole.
 *
 * @noInheritDoc
 */
export class Graphcomm extends Topocomm {
  #graph: Graph = { index: [], edges: [] };

  /** A null handle; or another handle to one of these. */
  constructor(from: ConstructorParameters<typeof Intracomm>[0] = null) {
    super(from);
    if (from instanceof Intracomm)
      this.#graph = sameKind(from, Graphcomm).#graph;
  }

  /** @internal `comm.Create_graph` */
  static make(
    comm: Intracomm,
    index: readonly number[],
    edges: readonly number[],
  ): Graphcomm {
    let graph!: Graph;
    const part = () => {
      graph = readGraph(index, edges, comm.size);
      const isNode = comm.rank < graph.index.length;
      const color = isNode ? 0 : UNDEFINED;
      return { color, key: comm.rank, common: graph };
    };
    const made = comm.split(
      "Create_graph",
      part,
      () => new Graphcomm(null),
      (own) => (own.#graph = graph),
    );
    return made ?? (COMM_NULL as Graphcomm);
  }

  override Get_topology(): number {
    void this.state;
    return GRAPH;
  }

  Get_dims(): [nnodes: number, nedges: number] {
    return [this.#own.index.length, this.#own.edges.length];
  }
  get dims(): [nnodes: number, nedges: number] {
    return this.Get_dims();
  }
  get nnodes(): number {
    return this.Get_dims()[0];
  }
  get nedges(): number {
    return this.Get_dims()[1];
  }
  Get_topo(): [index: number[], edges: number[]] {
    return [[...this.#own.index], [...this.#own.edges]];
  }
  get topo(): [index: number[], edges: number[]] {
    return this.Get_topo();
  }
  get index(): number[] {
    return this.Get_topo()[0];
  }
  get edges(): number[] {
    return this.Get_topo()[1];
  }
  /** @throws {RankError} */
  Get_neighbors_count(rank: number): number {
    return this.Get_neighbors(rank).length;
  }
  get nneighbors(): number {
    return this.Get_neighbors_count(this.rank);
  }
  /** @throws {RankError} */
  Get_neighbors(rank: number): number[] {
    return graphNeighbours(this.#own, rank);
  }
  get neighbors(): number[] {
    return this.Get_neighbors(this.rank);
  }

  /** @internal */
  get neighborhood(): Neighborhood {
    const neighbors = this.neighbors;
    return { sources: neighbors, destinations: neighbors };
  }

  /** @internal */
  override inherit(...args: Parameters<Topocomm["inherit"]>): void {
    super.inherit(...args);
    this.#graph = (args[0] as Graphcomm).#graph;
  }

  get #own(): Graph {
    void this.state;
    return this.#graph;
  }
}
