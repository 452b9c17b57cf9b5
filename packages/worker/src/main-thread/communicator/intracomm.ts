import { type CallName, digest } from "@tsmpi/collective";
import { decodeValue, GroupError } from "@tsmpi/protocol";
import { checkSend } from "../arguments";
import { CONGRUENT, IDENT, SIMILAR, UNEQUAL } from "../constants";
import type { Errhandler } from "../errhandler";
import type { Group } from "../group";
import type { Info } from "../info";
import { type Arguments, inOrder } from "../options";
import { encoded } from "../payloads";
import type { Request } from "../request";
import { mapToGrid, type Periods, readGrid } from "../topology/cartesian";
import { mapToGraph, readGraph } from "../topology/graph";
import type { Cartcomm } from "./cartcomm";
import { CommunicatorObject } from "./communicator-object";
import type { Distgraphcomm } from "./distgraphcomm";
import type { Graphcomm } from "./graphcomm";
import { algorithmHints } from "./hints";
import type {
  CreateAdjacent,
  CreateCart,
  CreateDistGraph,
  CreateGraph,
  CreateGroup,
  Duplicate,
  Split,
  SplitType,
} from "./parameters";
import { agreeOnNumber } from "./group-number";
import {
  type Entry,
  type Part,
  partOfColor,
  partOfGroup,
  partOfType,
  stateOf,
} from "./part";
import { type CommunicatorState, newState } from "./state";

/**
 * A group of ranks that communicate; their messages mix with nobody else's. The lower-case calls take any value, the capital
 * ones typed arrays. Every rank makes the same collective calls in the same order; one that cannot be completed raises on every
 * rank.
 */
export class Intracomm extends CommunicatorObject {
  /** The same ranks, in the same order, with attributes and info of this one (or `info`). */
  Dup(...args: Arguments<Duplicate>): this {
    const [comm, request] = this.Idup(...args);
    request.wait();
    return comm;
  }
  Dup_with_info(info: Info): this {
    return this.Dup(info);
  }
  Clone(): this {
    return this.Dup();
  }
  /**
   * The communicator may be used when the request is complete. Hints of ours, the same on every rank: the key
   * `tsmpi_algorithm_allreduce` forces an algorithm by its name, and so on for every collective.
   *
   * @throws {InfoKeyError | InfoValueError} there is no such collective, or no such algorithm; on every rank
   */
  Idup(...args: Arguments<Duplicate>): [comm: this, request: Request<null>] {
    const [info = null] = inOrder(args);
    const comm = this.unborn();
    const request = this.begin("Dup", () => {
      const forced = algorithmHints(info) ?? this.state.forced;
      return () =>
        this.#start(
          "Dup",
          { color: 0, key: this.rank },
          (state) => {
            comm.bear(state!);
            comm.inherit(this, info);
            return null;
          },
          forced,
        );
    });
    return [comm, request];
  }
  Idup_with_info(info: Info): [comm: this, request: Request<null>] {
    return this.Idup(info);
  }

  /**
   * A communicator for the ranks of each colour, ordered by `key`, and by rank where keys are equal. COMM_NULL for UNDEFINED.
   *
   * @throws {ArgumentError} a negative colour; on every rank
   */
  Split(...args: Arguments<Split>): Intracomm {
    const [color = 0, key = 0] = inOrder(args);
    return this.#split("Split", () => partOfColor(color, key));
  }

  /** A communicator for the ranks of each host (COMM_TYPE_SHARED). COMM_NULL for UNDEFINED, and for what this host cannot say. */
  Split_type(...args: Arguments<SplitType>): Intracomm {
    const [split_type, key = 0, info = null] = inOrder(args);
    return this.#split("Split_type", () =>
      partOfType(this.state, { type: split_type, key, info }),
    );
  }

  /** A communicator of these ranks, in the order of the group; COMM_NULL for the others, which make the call too. */
  Create(group: Group): Intracomm {
    return this.#split("Create", () => partOfGroup(this.state, group));
  }

  /** The same; only the ranks of the group make the call. `tag` keeps calls of several threads of thought apart. */
  Create_group(...args: Arguments<CreateGroup>): Intracomm {
    const [group, tag = 0] = inOrder(args);
    const { runtime } = this.state;
    runtime.assertUsable();
    checkSend(0, tag, 1);
    const { worldRanks } = group;
    partOfGroup(this.state, group);
    if (worldRanks.length === 0) return COMM_NULL;
    if (!worldRanks.includes(runtime.environment.rank))
      throw new GroupError("Create_group is for the ranks of the group");
    const number = agreeOnNumber(this.state, {
      ...{ group: worldRanks, tag },
      timeoutMs: this.deadlineMs,
    });
    const comm = new Intracomm(null);
    comm.bear(newState(this.state, { group: worldRanks, number }));
    return comm;
  }

  /** Ranks 0 … of this communicator on a grid; COMM_NULL for those that have no place on it. Ranks are never reordered. */
  Create_cart(...args: Arguments<CreateCart>): Cartcomm {
    const [dims, periods = null] = inOrder(args);
    return topologies.cart(this, dims, periods);
  }
  /** Ranks 0 … of this communicator as nodes of a graph that every rank knows. */
  Create_graph(...args: Arguments<CreateGraph>): Graphcomm {
    const [index, edges] = inOrder(args);
    return topologies.graph(this, index, edges);
  }
  /** A graph of which each rank says whom it hears and to whom it speaks. */
  Create_dist_graph_adjacent(
    ...args: Arguments<CreateAdjacent>
  ): Distgraphcomm {
    const [sources, destinations, sourceWeights = null, destWeights = null] =
      inOrder(args);
    return topologies.adjacent(this, {
      sources,
      destinations,
      sourceWeights,
      destWeights,
    });
  }
  /** A graph of which each rank names some edges, anybody's. */
  Create_dist_graph(...args: Arguments<CreateDistGraph>): Distgraphcomm {
    const [sources, degrees, destinations, weights = null] = inOrder(args);
    return topologies.distributed(this, {
      sources,
      degrees,
      destinations,
      weights,
    });
  }
  /** The rank that this rank would have in `Create_cart`; UNDEFINED for none. */
  Cart_map(dims: readonly number[], periods: Periods = null): number {
    return mapToGrid(readGrid(dims, periods, this.size), this.rank);
  }
  /** The rank that this rank would have in `Create_graph`; UNDEFINED for none. */
  Graph_map(index: readonly number[], edges: readonly number[]): number {
    return mapToGraph(readGraph(index, edges, this.size), this.rank);
  }

  /** The same among ranks of COMM_WORLD, without a communicator that they have in common. */
  static Create_from_group(
    group: Group,
    stringtag = "tsmpi",
    info: Info | null = null,
    errhandler: Errhandler | null = null,
  ): Intracomm {
    const comm = worldOf().Create_group(group, digest(stringtag) >>> 1);
    if (info && !comm.isNull) comm.Set_info(info);
    if (errhandler && !comm.isNull) comm.Set_errhandler(errhandler);
    return comm;
  }

  /**
   * What two communicators have in common: IDENT, CONGRUENT (the same ranks in the same order), SIMILAR (the same ranks), UNEQUAL.
   *
   * @throws {CommunicatorError} one of them is COMM_NULL
   */
  Compare(other: Intracomm): number {
    if (this.state.context === other.state.context) return IDENT;
    const [a, b] = [this.state.group, other.state.group];
    if (a.length !== b.length) return UNEQUAL;
    if (a.every((rank, i) => rank === b[i])) return CONGRUENT;
    return a.every((rank) => b.includes(rank)) ? SIMILAR : UNEQUAL;
  }
  static Compare(a: Intracomm, b: Intracomm): number {
    return a.Compare(b);
  }

  /** One and the same communicator, or both COMM_NULL. */
  equals(other: unknown): boolean {
    if (!(other instanceof Intracomm)) return false;
    return this.isNull || other.isNull
      ? this.isNull && other.isNull
      : this.state.context === other.state.context;
  }

  /**
   * Makes communicators of the parts that the ranks say they are in. @returns this rank's, null for none
   *
   * @internal
   */
  split<Comm extends Intracomm>(
    name: CallName,
    prepare: () => Part,
    unborn: () => Comm,
    made: (comm: Comm) => void = () => {},
  ): Comm | null {
    return this.begin(name, () => {
      const part = prepare();
      return () =>
        this.#start(name, part, (state) => {
          if (state === null) return null;
          const comm = unborn();
          comm.bear(state);
          made(comm);
          return comm;
        });
    }).wait();
  }

  #split(name: CallName, prepare: () => Part): Intracomm {
    const unborn = (): Intracomm => new Intracomm(null);
    return this.split(name, prepare, unborn) ?? COMM_NULL;
  }

  #start<T>(
    name: CallName,
    part: Part,
    make: (state: CommunicatorState | null) => T,
    forced = this.state.forced,
  ) {
    const { runtime } = this.state;
    const { color, key, common } = part;
    const number = runtime.nextContextNumber();
    const entry: Entry = { color, key, number, forced };
    return this.call(
      "allgather",
      {
        call: { name, rest: common },
        bytes: encoded(entry),
        into: null,
      },
      (blocks) => {
        try {
          const entries = blocks!.map(decodeValue) as Entry[];
          return make(stateOf(this.state, part, entries));
        } finally {
          // Where the call fails here others may have all they need for a communicator that this rank leads.
          runtime.releaseContextNumber(number);
        }
      },
    );
  }
}

/** No communicator: every call on it raises a CommunicatorError. */
export const COMM_NULL = new Intracomm(null);

/** What makes communicators with a topology: they are made of communicators themselves, and so cannot be imported here. */
export interface TopologyMakers {
  cart(comm: Intracomm, dims: readonly number[], periods: Periods): Cartcomm;
  graph(
    comm: Intracomm,
    index: readonly number[],
    edges: readonly number[],
  ): Graphcomm;
  adjacent(
    comm: Intracomm,
    edges: Parameters<typeof Distgraphcomm.makeAdjacent>[1],
  ): Distgraphcomm;
  distributed(
    comm: Intracomm,
    edges: Parameters<typeof Distgraphcomm.make>[1],
  ): Distgraphcomm;
}
let topologies: TopologyMakers;
export const setTopologyMakers = (makers: TopologyMakers): void => {
  topologies = makers;
};

/** COMM_WORLD, which is ready on first touch. */
let worldOf: () => Intracomm;
export const setWorld = (world: () => Intracomm): void => {
  worldOf = world;
};
