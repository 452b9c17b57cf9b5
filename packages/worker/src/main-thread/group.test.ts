import { ArgumentError, GroupError, RankError } from "@tsmpi/protocol";
import { IDENT, PROC_NULL, SIMILAR, UNDEFINED, UNEQUAL } from "./constants";
import { Group, GROUP_EMPTY, GROUP_NULL } from "./group";

/** World ranks 7, 3, 5, 1 seen by world rank 5. */
const group = Group.of({ worldRanks: [7, 3, 5, 1], ownWorldRank: 5 });
const groupOf = (...worldRanks: number[]): Group =>
  Group.of({ worldRanks, ownWorldRank: 5 });

describe("a group", () => {
  it("knows its size and this process's rank, by method and by property", () => {
    expect([group.Get_size(), group.size]).toEqual([4, 4]);
    expect([group.Get_rank(), group.rank]).toEqual([2, 2]);
    expect(groupOf(0, 1).rank).toBe(UNDEFINED);
    expect([GROUP_EMPTY.size, GROUP_EMPTY.rank]).toEqual([0, UNDEFINED]);
  });

  it.each([
    ["the same ranks in the same order", [7, 3, 5, 1], IDENT],
    ["in another order", [1, 3, 5, 7], SIMILAR],
    ["with one of them another", [7, 3, 5, 2], UNEQUAL],
    ["fewer ranks", [7, 3, 5], UNEQUAL],
    ["none", [], UNEQUAL],
  ])("compared with %s", (_, worldRanks, result) => {
    expect(group.Compare(groupOf(...worldRanks))).toBe(result);
    expect(Group.Compare(groupOf(...worldRanks), group)).toBe(result);
  });

  it("is ident with its Dup, which is another group", () => {
    const dup = group.Dup();
    expect(dup.Compare(group)).toBe(IDENT);
    expect(dup.rank).toBe(2);
    expect(dup.equals(group)).toBe(false);
  });
});

describe("Translate_ranks", () => {
  it("gives ranks in another group, and UNDEFINED for who is not in it", () => {
    const other = groupOf(1, 5, 9);
    expect(group.Translate_ranks([0, 2, 3, 2], other)).toEqual([
      UNDEFINED,
      1,
      0,
      1,
    ]);
    expect(Group.Translate_ranks(group, [3], other)).toEqual([0]);
    expect(group.Translate_ranks([0, 1], GROUP_EMPTY)).toEqual([
      UNDEFINED,
      UNDEFINED,
    ]);
  });

  it("translates all ranks, to those in the job, if neither is given", () => {
    expect(group.Translate_ranks()).toEqual([7, 3, 5, 1]);
    expect(group.Translate_ranks([1])).toEqual([3]);
    expect(group.Translate_ranks({ group })).toEqual([0, 1, 2, 3]);
    expect(group.Translate_ranks({ ranks: [3], group })).toEqual([3]);
    expect(group.Translate_ranks({ ranks: [3] })).toEqual([1]);
    expect(Group.Translate_ranks(GROUP_EMPTY)).toEqual([]);
  });

  it("lets PROC_NULL be PROC_NULL", () => {
    expect(group.Translate_ranks([PROC_NULL, 1], group)).toEqual([
      PROC_NULL,
      1,
    ]);
  });

  it.each([-1, 4, 0.5])("refuses rank %p", (rank) => {
    expect(() => group.Translate_ranks([rank], group)).toThrow(RankError);
  });
});

describe("two groups make", () => {
  const other = groupOf(2, 5, 7, 4);
  it.each([
    ["Union", [7, 3, 5, 1, 2, 4]],
    ["Intersection", [7, 5]],
    ["Intersect", [7, 5]],
    ["Difference", [3, 1]],
  ] as const)("their %s, in the order of the first", (name, expected) => {
    expect(Group[name](group, other).worldRanks).toEqual(expected);
  });

  it.each([
    ["Union", 4, 4, 4],
    ["Intersection", 0, 0, 4],
    ["Difference", 0, 4, 0],
  ] as const)(
    "with the empty one, or one of them twice, what sets do: %s",
    (name, first, second, same) => {
      expect(Group[name](GROUP_EMPTY, group).size).toBe(first);
      expect(Group[name](group, GROUP_EMPTY).size).toBe(second);
      expect(Group[name](group, group).size).toBe(same);
    },
  );

  it("one that knows this process, if either does", () => {
    expect(Group.Union(GROUP_EMPTY, group).rank).toBe(2);
  });
});

describe("Incl and Excl", () => {
  it("keep these ranks in this order, or all but these", () => {
    expect(group.Incl([2, 0]).worldRanks).toEqual([5, 7]);
    expect(group.Incl([2, 0]).rank).toBe(0);
    expect(group.Incl([]).Compare(GROUP_EMPTY)).toBe(IDENT);
    expect(group.Excl([2, 0]).worldRanks).toEqual([3, 1]);
    expect(group.Excl([]).Compare(group)).toBe(IDENT);
  });

  it.each([[[4]], [[-1]], [[0, 0]], [[1.5]], [[PROC_NULL]]])(
    "refuse %j",
    (ranks) => {
      expect(() => group.Incl(ranks)).toThrow(RankError);
      expect(() => group.Excl(ranks)).toThrow(RankError);
    },
  );
});

describe("Range_incl and Range_excl", () => {
  it.each([
    [[], [], [7, 3, 5, 1]],
    [[[0, 3, 1]], [7, 3, 5, 1], []],
    [[[0, 3, 2]], [7, 5], [3, 1]],
    [[[3, 0, -2]], [1, 3], [7, 5]],
    [[[2, 2, 5]], [5], [7, 3, 1]],
    [
      [
        [3, 3, 1],
        [0, 1, 1],
      ],
      [1, 7, 3],
      [5],
    ],
  ] as const)("of %j keep %j, or %j", (ranges, included, excluded) => {
    expect(group.Range_incl(ranges).worldRanks).toEqual(included);
    expect(group.Range_excl(ranges).worldRanks).toEqual(excluded);
  });

  it.each([
    [[[0, 3, 0]], ArgumentError],
    [[[0, 3, -1]], ArgumentError],
    [[[3, 0, 1]], ArgumentError],
    [[[0, 3, 0.5]], ArgumentError],
    [[[0, 4, 1]], RankError],
    [[[0, 2 ** 40, 1]], RankError],
    [[[-1, 1, 1]], RankError],
    [
      [
        [0, 1, 1],
        [1, 2, 1],
      ],
      RankError,
    ],
  ] as const)("refuse %j", (ranges, errorClass) => {
    expect(() => group.Range_incl(ranges)).toThrow(errorClass);
    expect(() => group.Range_excl(ranges)).toThrow(errorClass);
  });
});

describe("handles", () => {
  it("that are new, freed or GROUP_NULL are null and equal", () => {
    const freed = group.Dup();
    freed.Free();
    for (const handle of [new Group(), freed, GROUP_NULL]) {
      expect(handle.isNull).toBe(true);
      expect(handle.equals(GROUP_NULL)).toBe(true);
    }
    expect(group.isNull).toBe(false);
    expect(group.equals(GROUP_NULL)).toBe(false);
    expect(GROUP_EMPTY.isNull).toBe(false);
  });

  it("to one group are equal, and freeing one leaves the other", () => {
    const handle = new Group(group);
    expect(handle.equals(group)).toBe(true);
    handle.Free();
    expect(group.size).toBe(4);
  });

  it("to groups without members equal GROUP_EMPTY, which stays when it is freed", () => {
    expect(group.Incl([]).equals(GROUP_EMPTY)).toBe(true);
    GROUP_EMPTY.Free();
    expect(GROUP_EMPTY.isNull).toBe(false);
  });

  it("that are null raise a GroupError whatever they are asked", () => {
    for (const call of [
      () => GROUP_NULL.Get_size(),
      () => GROUP_NULL.rank,
      () => GROUP_NULL.Compare(group),
      () => group.Compare(GROUP_NULL),
      () => Group.Compare(GROUP_NULL, GROUP_NULL),
      () => GROUP_NULL.Dup(),
      () => Group.Union(group, GROUP_NULL),
      () => Group.Difference(GROUP_NULL, group),
      () => GROUP_NULL.Incl([]),
      () => GROUP_NULL.Range_excl([[0, 1, 0]]),
      () => GROUP_NULL.Translate_ranks(),
      () => group.Translate_ranks([0], GROUP_NULL),
      () => GROUP_NULL.Free(),
    ])
      expect(call).toThrow(GroupError);
    GROUP_NULL.free();
  });
});
