import { CART, UNDEFINED } from "../constants";
import { type Arguments, inOrder } from "../options";
import {
  coordinatesOf,
  type Grid,
  gridNeighbours,
  type Periods,
  rankAt,
  readGrid,
  shift,
  sizeOfGrid,
  subGrid,
} from "../topology/cartesian";
import { COMM_NULL, Intracomm } from "./intracomm";
import type { Shift, Sub } from "./parameters";
import { type Neighborhood, sameKind, Topocomm } from "./topocomm";

/**
 * Ranks on a grid of any number of dimensions, each of which may be a ring.
 *
 * @noInheritDoc
 */
export class Cartcomm extends Topocomm {
  #grid: Grid = { dims: [], periods: [] };

  /** A null handle; or another handle to one of these. */
  constructor(from: ConstructorParameters<typeof Intracomm>[0] = null) {
    super(from);
    if (from instanceof Intracomm) this.#grid = sameKind(from, Cartcomm).#grid;
  }

  /** @internal `comm.Create_cart` */
  static make(
    comm: Intracomm,
    dims: readonly number[],
    periods: Periods,
  ): Cartcomm {
    let grid!: Grid;
    const part = () => {
      grid = readGrid(dims, periods, comm.size);
      return {
        color: comm.rank < sizeOfGrid(grid) ? 0 : UNDEFINED,
        key: comm.rank,
        common: grid,
      };
    };
    const made = comm.split(
      "Create_cart",
      part,
      () => new Cartcomm(null),
      (cart) => (cart.#grid = grid),
    );
    return made ?? (COMM_NULL as Cartcomm);
  }

  override Get_topology(): number {
    void this.state;
    return CART;
  }

  Get_dim(): number {
    return this.#own.dims.length;
  }
  get dim(): number {
    return this.Get_dim();
  }
  get ndim(): number {
    return this.Get_dim();
  }
  Get_topo(): [dims: number[], periods: boolean[], coords: number[]] {
    const { dims, periods } = this.#own;
    return [[...dims], [...periods], this.Get_coords(this.rank)];
  }
  get topo(): [dims: number[], periods: boolean[], coords: number[]] {
    return this.Get_topo();
  }
  get dims(): number[] {
    return this.Get_topo()[0];
  }
  get periods(): boolean[] {
    return this.Get_topo()[1];
  }
  /** This rank's. */
  get coords(): number[] {
    return this.Get_topo()[2];
  }

  /** The rank at these coordinates. @throws {ArgumentError} they are outside the grid */
  Get_cart_rank(coords: readonly number[]): number {
    return rankAt(this.#own, coords);
  }
  /** @throws {RankError} */
  Get_coords(rank: number): number[] {
    return coordinatesOf(this.#own, rank);
  }
  /** From whom and to whom data goes that moves `disp` steps up along a dimension; PROC_NULL beyond a wall. */
  Shift(...args: Arguments<Shift>): [source: number, dest: number] {
    const [direction, displacement] = inOrder(args);
    return shift(this.#own, this.rank, { direction, displacement });
  }

  /** The grid of fewer dimensions that this rank is in when the others are cut. */
  Sub(...args: Arguments<Sub>): Cartcomm {
    const [remain_dims] = inOrder(args);
    let grid!: Grid;
    const part = () => {
      const sub = subGrid(this.#own, this.rank, remain_dims);
      grid = sub.grid;
      return sub;
    };
    return this.split(
      "Sub",
      part,
      () => new Cartcomm(null),
      (cart) => (cart.#grid = grid),
    )!;
  }

  /** @internal In a ring of two both neighbours are one rank: what it sends down comes from above. */
  get neighborhood(): Neighborhood {
    const neighbors = gridNeighbours(this.#own, this.rank);
    return {
      sources: neighbors,
      destinations: neighbors,
      arrival: neighbors.map((_, place) => place ^ 1),
    };
  }

  /** @internal */
  override inherit(...args: Parameters<Topocomm["inherit"]>): void {
    super.inherit(...args);
    this.#grid = (args[0] as Cartcomm).#grid;
  }

  get #own(): Grid {
    void this.state;
    return this.#grid;
  }
}
