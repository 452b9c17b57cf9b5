import { ArgumentError, GroupError, RankError } from "@tsmpi/protocol";
import { IDENT, PROC_NULL, SIMILAR, UNDEFINED, UNEQUAL } from "./constants";
import { constant, isConstant, otherHandle } from "./handle";

/** `[first, last, stride]`: every `stride`-th rank from `first` to `last`, which is included if it is hit. */
export type RankRange = readonly [first: number, last: number, stride: number];

interface Members {
  /** Their ranks in COMM_WORLD, in the order of the group. */
  readonly worldRanks: readonly number[];
  /** This process in COMM_WORLD; null in GROUP_EMPTY, which knows nobody. */
  readonly ownWorldRank: number | null;
  /** GROUP_EMPTY stays when it is freed. */
  readonly isPredefined?: boolean;
}

/**
 * Ranks in an order. Groups do not change: each call that makes one gives a new one. All of it is local.
 * On GROUP_NULL, and on a group that was freed, every call raises a GroupError.
 */
export class Group {
  #members: Members | null;

  /** A null handle; or another handle to `group`. */
  constructor(group?: Group | null) {
    const other = otherHandle(group, Group);
    this.#members = other && other.#members;
  }

  /** @internal */
  static of(members: Members): Group {
    const group = new Group();
    group.#members = members;
    return group;
  }

  /** @internal */
  get worldRanks(): readonly number[] {
    return this.#read().worldRanks;
  }

  get isNull(): boolean {
    return this.#members === null;
  }

  /** Whether both are handles to one group, or both null. `Compare` says whether two groups have the same ranks. */
  equals(other: unknown): boolean {
    if (!(other instanceof Group)) return false;
    const [a, b] = [this.#members, other.#members];
    return (
      a === b || (a?.worldRanks.length === 0 && b?.worldRanks.length === 0)
    );
  }

  Get_size(): number {
    return this.worldRanks.length;
  }
  get size(): number {
    return this.Get_size();
  }

  /** This process in the group, or UNDEFINED. */
  Get_rank(): number {
    const { worldRanks, ownWorldRank } = this.#read();
    const rank = ownWorldRank === null ? -1 : worldRanks.indexOf(ownWorldRank);
    return rank < 0 ? UNDEFINED : rank;
  }
  get rank(): number {
    return this.Get_rank();
  }

  /**
   * The ranks that members have in another group, UNDEFINED where they are not in it; PROC_NULL stays.
   *
   * @param ranks ranks in this group; null for all of them, in order
   * @param group the other group; null for all ranks of the job
   * @throws {RankError} one of `ranks` is not in this group
   */
  Translate_ranks(
    ranks:
      | readonly number[]
      | null
      | {
          readonly ranks?: readonly number[] | null;
          readonly group?: Group | null;
        } = null,
    group: Group | null = null,
  ): number[] {
    if (ranks !== null && !("length" in ranks))
      return this.Translate_ranks(ranks.ranks, ranks.group);
    const { worldRanks } = this.#read();
    const wanted = ranks ?? [...worldRanks.keys()];
    const rankOf = group && ranksByWorldRank(group.worldRanks);
    return wanted.map((rank) => {
      if (rank === PROC_NULL) return PROC_NULL;
      const worldRank = worldRanks[this.#member(rank)]!;
      return rankOf ? (rankOf.get(worldRank) ?? UNDEFINED) : worldRank;
    });
  }
  static Translate_ranks(
    group1: Group,
    ranks1: readonly number[] | null = null,
    group2: Group | null = null,
  ): number[] {
    return group1.Translate_ranks(ranks1, group2);
  }

  /** IDENT: the same ranks in the same order; SIMILAR: in another; else UNEQUAL. */
  Compare(group: Group): number {
    const [a, b] = [this.worldRanks, group.worldRanks];
    if (a.length !== b.length) return UNEQUAL;
    if (a.every((worldRank, i) => worldRank === b[i])) return IDENT;
    const others = new Set(b);
    return a.every((worldRank) => others.has(worldRank)) ? SIMILAR : UNEQUAL;
  }
  static Compare(group1: Group, group2: Group): number {
    return group1.Compare(group2);
  }

  Dup(): Group {
    return this.#with(this.worldRanks);
  }

  /** The ranks of the first in its order, then those that only the second has, in its order. */
  Union(group: Group): Group {
    return Group.Union(this, group);
  }
  static Union(group1: Group, group2: Group): Group {
    return Group.#both(group1, group2, (first, second) => [
      ...new Set([...first, ...second]),
    ]);
  }

  /** The ranks that both have, in the order of the first. */
  Intersection(group: Group): Group {
    return Group.Intersection(this, group);
  }
  static Intersection(group1: Group, group2: Group): Group {
    return Group.#both(group1, group2, (first, second) => {
      const others = new Set(second);
      return first.filter((worldRank) => others.has(worldRank));
    });
  }
  static Intersect(group1: Group, group2: Group): Group {
    return Group.Intersection(group1, group2);
  }

  /** The ranks that only the first has, in its order. */
  Difference(group: Group): Group {
    return Group.Difference(this, group);
  }
  static Difference(group1: Group, group2: Group): Group {
    return Group.#both(group1, group2, (first, second) => {
      const others = new Set(second);
      return first.filter((worldRank) => !others.has(worldRank));
    });
  }

  /**
   * The members of these ranks, in this order.
   *
   * @throws {RankError} one is not in the group, or is named twice
   */
  Incl(ranks: readonly number[]): Group {
    const { worldRanks } = this.#read();
    return this.#with(this.#distinct(ranks).map((rank) => worldRanks[rank]!));
  }

  /**
   * All members but those of these ranks.
   *
   * @throws {RankError} one is not in the group, or is named twice
   */
  Excl(ranks: readonly number[]): Group {
    const { worldRanks } = this.#read();
    const excluded = new Set(this.#distinct(ranks));
    return this.#with(worldRanks.filter((_, rank) => !excluded.has(rank)));
  }

  /**
   * The members in these ranges, in this order.
   *
   * @throws {RankError} one is not in the group, or is named twice
   * @throws {ArgumentError} a stride is 0, or leads away from the end
   */
  Range_incl(ranks: readonly RankRange[]): Group {
    this.#read();
    return this.Incl(ranks.flatMap((range) => this.#ranksIn(range)));
  }

  /** All members but those in these ranges. Throws as `Range_incl` does. */
  Range_excl(ranks: readonly RankRange[]): Group {
    this.#read();
    return this.Excl(ranks.flatMap((range) => this.#ranksIn(range)));
  }

  /** Makes this handle null. GROUP_EMPTY stays. */
  Free(): void {
    if (!this.#read().isPredefined) this.#members = null;
  }
  /** Makes this handle null; constants stay. */
  free(): void {
    if (!isConstant(this)) this.#members = null;
  }

  #read(): Members {
    if (this.#members) return this.#members;
    throw new GroupError("the group is GROUP_NULL or has been freed");
  }

  #with(worldRanks: readonly number[]): Group {
    const { ownWorldRank } = this.#read();
    return Group.of({ worldRanks, ownWorldRank });
  }

  static #both(
    group1: Group,
    group2: Group,
    join: (first: readonly number[], second: readonly number[]) => number[],
  ): Group {
    const [first, second] = [group1.#read(), group2.#read()];
    return Group.of({
      worldRanks: join(first.worldRanks, second.worldRanks),
      ownWorldRank: first.ownWorldRank ?? second.ownWorldRank,
    });
  }

  #member(rank: number): number {
    const { size } = this;
    if (Number.isInteger(rank) && rank >= 0 && rank < size) return rank;
    throw new RankError(
      size === 0
        ? `rank ${rank} is not in the group, which is empty`
        : `rank ${rank} is not a rank of the group, from 0 to ${size - 1}`,
    );
  }

  #ranksIn([first, last, stride]: RankRange): number[] {
    const steps = Math.floor((last - first) / stride);
    if (!Number.isInteger(stride) || !(steps >= 0 && steps < Infinity))
      throw new ArgumentError(
        `no stride of ${stride} leads from rank ${first} to rank ${last}`,
      );
    this.#member(first);
    this.#member(first + steps * stride);
    return Array.from({ length: steps + 1 }, (_, i) => first + i * stride);
  }

  #distinct(ranks: readonly number[]): readonly number[] {
    const seen = new Set<number>();
    for (const rank of ranks) {
      if (seen.has(this.#member(rank)))
        throw new RankError(`rank ${rank} is named twice`);
      seen.add(rank);
    }
    return ranks;
  }
}

/** No group at all: what a freed handle is. */
export const GROUP_NULL = new Group();
/** A group without members. */
export const GROUP_EMPTY = constant(
  Group.of({
    worldRanks: [],
    ownWorldRank: null,
    isPredefined: true,
  }),
);

const ranksByWorldRank = (
  worldRanks: readonly number[],
): ReadonlyMap<number, number> =>
  new Map(worldRanks.map((worldRank, rank) => [worldRank, rank]));
