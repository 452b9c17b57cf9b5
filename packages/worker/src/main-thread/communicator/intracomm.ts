import { inspect } from "node:util";
import type { CallName, Forced, Target } from "@tsmpi/collective";
import { ArgumentError, decodeValue, GroupError } from "@tsmpi/protocol";
import { shadowContext } from "../../bridge/calls";
import { checkSend } from "../arguments";
import {
  COMM_TYPE_HW_GUIDED,
  COMM_TYPE_HW_UNGUIDED,
  COMM_TYPE_RESOURCE_GUIDED,
  COMM_TYPE_SHARED,
  CONGRUENT,
  IDENT,
  SIMILAR,
  UNDEFINED,
  UNEQUAL,
} from "../constants";
import type { Errhandler } from "../errhandler";
import type { Group } from "../group";
import type { Info } from "../info";
import { type Arguments, inOrder } from "../options";
import { encoded, messageCall, type Received, valueTarget } from "../payloads";
import { Request } from "../request";
import { mapToGrid, type Periods, readGrid } from "../topology/cartesian";
import { mapToGraph, readGraph } from "../topology/graph";
import type { Cartcomm } from "./cartcomm";
import { CommunicatorObject } from "./communicator-object";
import type { Distgraphcomm } from "./distgraphcomm";
import type { Graphcomm } from "./graphcomm";
import { algorithmHints, assertSameHints } from "./hints";
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
import { type CommunicatorState, newState } from "./state";

/** Which new communicator a rank goes to, and its place there; ranks of one colour stay together. */
export interface Part {
  /** UNDEFINED: to none. */
  readonly color: number;
  readonly key: number;
  /** Arguments that must be the same on every rank. */
  readonly common?: unknown;
}

/** What a rank says of itself when communicators are made. */
interface Entry extends Part {
  /** Algorithms that the calls of the new communicator are to use. */
  readonly forced: Forced;
  /** The number that a new communicator gets if this rank leads it. */
  readonly number: number;
}

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
  Idup(...args: Arguments<Duplicate>): [comm: this, request: Request<void>] {
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
          },
          forced,
        );
    });
    return [comm, request];
  }
  Idup_with_info(info: Info): [comm: this, request: Request<void>] {
    return this.Idup(info);
  }

  /**
   * A communicator for the ranks of each colour, ordered by `key`, and by rank where keys are equal. COMM_NULL for UNDEFINED.
   *
   * @throws {ArgumentError} a negative colour; on every rank
   */
  Split(...args: Arguments<Split>): Intracomm {
    const [color = 0, key = 0] = inOrder(args);
    return this.#split("Split", () => ({
      color: readColor(color),
      key: readKey(key),
    }));
  }

  /** A communicator for the ranks of each host (COMM_TYPE_SHARED). COMM_NULL for UNDEFINED, and for what this host cannot say. */
  Split_type(...args: Arguments<SplitType>): Intracomm {
    const [split_type, key = 0, info = null] = inOrder(args);
    return this.#split("Split_type", () => ({
      color: isByHost(split_type, info) ? this.#host() : UNDEFINED,
      key: readKey(key),
    }));
  }

  /** A communicator of these ranks, in the order of the group; COMM_NULL for the others, which make the call too. */
  Create(group: Group): Intracomm {
    return this.#split("Create", () => this.#placeIn(group));
  }

  /** The same; only the ranks of the group make the call. `tag` keeps calls of several threads of thought apart. */
  Create_group(...args: Arguments<CreateGroup>): Intracomm {
    const [group, tag = 0] = inOrder(args);
    const { runtime, context } = this.state;
    runtime.assertUsable();
    checkSend(0, tag, 1);
    const { worldRanks } = group;
    this.#placeIn(group);
    if (worldRanks.length === 0) return COMM_NULL;
    const own = runtime.environment.rank;
    if (!worldRanks.includes(own))
      throw new GroupError("Create_group is for the ranks of the group");
    const shadow = shadowContext(context);
    const number =
      worldRanks[0] === own
        ? this.#tellGroup(worldRanks, shadow, tag)
        : this.#hearOfGroup(worldRanks, shadow, tag);
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
    const comm = worldOf().Create_group(group, fingerprint(stringtag) >>> 1);
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
    return runtime.begin(
      "allgather",
      {
        ...this.inCommunicator,
        call: {
          name,
          ...(common !== undefined && { count: fingerprint(common) }),
        },
        bytes: encoded(entry),
        into: null,
      },
      (blocks) =>
        make(this.#stateOf(part, blocks!.map(decodeValue) as Entry[])),
    );
  }

  /** This rank's new communicator, of what all ranks have said. */
  #stateOf(
    { color }: Part,
    entries: readonly Entry[],
  ): CommunicatorState | null {
    assertSameHints(entries.map(({ forced }) => forced));
    if (color === UNDEFINED) return null;
    const ranks = entries.flatMap((entry, rank) =>
      entry.color === color ? [rank] : [],
    );
    // Stable: ranks of one key stay in their order.
    ranks.sort((a, b) => entries[a]!.key - entries[b]!.key);
    const { number, forced } = entries[ranks[0]!]!;
    const group = ranks.map((rank) => this.state.group[rank]!);
    return newState({ ...this.state, forced }, { group, number });
  }

  /** The lowest rank of this communicator on this rank's host. */
  #host(): number {
    const { runtime, group, rank } = this.state;
    const hostOf = (world: number): string | undefined =>
      runtime.addresses[world]?.host;
    return group.findIndex((world) => hostOf(world) === hostOf(group[rank]!));
  }

  /** @throws {GroupError} one of its ranks is not in this communicator */
  #placeIn(group: Group): Part {
    const { runtime, group: own } = this.state;
    const stranger = group.worldRanks.find((rank) => !own.includes(rank));
    if (stranger !== undefined)
      throw new GroupError(
        `rank ${stranger} of COMM_WORLD is in the group and not in the communicator`,
      );
    const place = group.worldRanks.indexOf(runtime.environment.rank);
    const leader = own.indexOf(group.worldRanks[0] ?? -1);
    return place < 0
      ? { color: UNDEFINED, key: 0 }
      : { color: leader, key: place };
  }

  /** The first rank of a group tells the others the number of their communicator. */
  #tellGroup(group: readonly number[], context: number, tag: number): number {
    const { runtime } = this.state;
    const number = runtime.nextContextNumber();
    const bytes = encoded({ number, group });
    for (const dest of group.slice(1)) {
      const call = messageCall(null, 1);
      const synchronous = false;
      runtime.messages.send({ dest, context, tag, call, bytes, synchronous });
    }
    return number;
  }

  #hearOfGroup(group: readonly number[], context: number, tag: number): number {
    const { runtime } = this.state;
    const operation = runtime.messages.receive(
      context,
      { source: group[0]!, tag },
      valueTarget as Target<
        Received<{ number: number; group: readonly number[] }>
      >,
    );
    const { value } = new Request({
      pending: runtime.pending(operation),
      finish: (received: Received<{ number: number; group: number[] }>) =>
        received,
      timeoutMs: this.inCommunicator.timeoutMs,
    }).wait();
    if (value.group.join() !== group.join())
      throw new GroupError(
        `rank ${group[0]} of COMM_WORLD makes a communicator of the ranks ${value.group.join(", ")}, this rank one of ${group.join(", ")}`,
      );
    return value.number;
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

/** Tells apart arguments that must not differ: a count that the ranks compare. */
function fingerprint(value: unknown): number {
  let hash = 0;
  for (const char of JSON.stringify(value))
    hash = (Math.imul(hash, 31) + char.charCodeAt(0)) | 0;
  return hash >>> 0;
}

function readColor(color: number): number {
  if (color === UNDEFINED || (Number.isInteger(color) && color >= 0))
    return color;
  throw new ArgumentError(
    `colour ${inspect(color)} is neither a whole number from 0 nor UNDEFINED`,
  );
}

function readKey(key: number): number {
  if (Number.isInteger(key)) return key;
  throw new ArgumentError(`key ${inspect(key)} is no whole number`);
}

function isByHost(split_type: number, info: Info | null): boolean {
  switch (split_type) {
    case COMM_TYPE_SHARED:
      return true;
    case COMM_TYPE_HW_GUIDED:
    case COMM_TYPE_RESOURCE_GUIDED:
      return (
        info !== null &&
        !info.isNull &&
        info.Get("mpi_hw_resource_type") === "mpi_shared_memory"
      );
    case COMM_TYPE_HW_UNGUIDED:
    case UNDEFINED:
      return false;
    default:
      throw new ArgumentError(
        `split_type ${inspect(split_type)} is neither a COMM_TYPE nor UNDEFINED`,
      );
  }
}
