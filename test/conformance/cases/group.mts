import { MPI } from "tsmpi";
import { equal, isFalse, isLive, isNull, isOneOf, ok } from "../check.mts";
import type { Body, Suite } from "../suite.mts";
import { range, repeat } from "../support/loops.mts";

type Group = InstanceType<typeof MPI.Group>;

const GROUPS = [
  { name: "GroupEmpty", make: (): Group => MPI.GROUP_EMPTY },
  { name: "GroupSelf", make: (): Group => MPI.COMM_SELF.Get_group() },
  { name: "GroupWorld", make: (): Group => MPI.COMM_WORLD.Get_group() },
] as const;

/** The same ranks in the same order. Frees what it is given. */
function isSame(made: Group, expected: Group): void {
  equal(MPI.Group.Compare(made, expected), MPI.IDENT);
  if (!made.equals(MPI.GROUP_EMPTY)) made.Free();
}

const CASES: Readonly<Record<string, (group: Group) => void>> = {
  "size and rank are properties, too": (group) => {
    equal(group.size, group.Get_size());
    equal(group.rank, group.Get_rank());
  },

  "a group is identical with itself, and something to all ranks' group": (
    group,
  ) => {
    const world = MPI.COMM_WORLD.Get_group();
    isOneOf(MPI.Group.Compare(group, world), [
      MPI.IDENT,
      MPI.SIMILAR,
      MPI.UNEQUAL,
    ]);
    world.Free();
    equal(MPI.Group.Compare(group, group), MPI.IDENT);
    equal(group.Compare(group), MPI.IDENT);
  },

  "Dup gives the same group": (group) => {
    isSame(group.Dup(), group);
  },

  "the union with nothing or with itself is the group": (group) => {
    isSame(MPI.Group.Union(MPI.GROUP_EMPTY, group), group);
    isSame(MPI.Group.Union(group, MPI.GROUP_EMPTY), group);
    isSame(MPI.Group.Union(group, group), group);
  },

  "the difference to nothing is the group, to itself nothing": (group) => {
    isSame(MPI.Group.Difference(MPI.GROUP_EMPTY, group), MPI.GROUP_EMPTY);
    isSame(MPI.Group.Difference(group, MPI.GROUP_EMPTY), group);
    isSame(MPI.Group.Difference(group, group), MPI.GROUP_EMPTY);
  },

  "the intersection with nothing is nothing, with itself the group": (
    group,
  ) => {
    isSame(MPI.Group.Intersection(MPI.GROUP_EMPTY, group), MPI.GROUP_EMPTY);
    isSame(MPI.Group.Intersection(group, MPI.GROUP_EMPTY), MPI.GROUP_EMPTY);
    isSame(MPI.Group.Intersection(group, group), group);
  },

  "union, difference and intersection are methods of a group, too": (group) => {
    isSame(MPI.GROUP_EMPTY.Union(group), group);
    isSame(group.Difference(MPI.GROUP_EMPTY), group);
    isSame(group.Intersection(group), group);
  },

  "Incl of no rank is nothing": (group) => {
    isSame(group.Incl([]), MPI.GROUP_EMPTY);
  },

  "Excl of no rank is the group": (group) => {
    isSame(group.Excl([]), group);
  },

  "Range_incl of no range is nothing, of all ranks the group": (group) => {
    if (group.equals(MPI.GROUP_EMPTY)) return;
    isSame(group.Range_incl([]), MPI.GROUP_EMPTY);
    isSame(group.Range_incl([[0, group.size - 1, 1]]), group);
  },

  "Range_excl of no range is the group, of all ranks nothing": (group) => {
    if (group.equals(MPI.GROUP_EMPTY)) return;
    isSame(group.Range_excl([]), group);
    isSame(group.Range_excl([[0, group.size - 1, 1]]), MPI.GROUP_EMPTY);
  },

  "a group's ranks are the same in the group itself": (group) => {
    const ranks = repeat(range(group.size), 3).flat();
    equal(group.Translate_ranks(ranks, group), ranks);
    equal(group.Translate_ranks(null, group), range(group.size));
    equal(group.Translate_ranks({ group }), range(group.size));
  },

  "without a group to translate to, all ranks of the world are meant": (
    group,
  ) => {
    const inWorld = group.Translate_ranks();
    equal(inWorld.length, group.size);
    isFalse(inWorld.includes(MPI.UNDEFINED));
    equal(group.Translate_ranks(range(group.size)), inWorld);
  },

  "PROC_NULL is PROC_NULL in every group": (group) => {
    if (group.equals(MPI.GROUP_EMPTY)) return;
    const ranks = repeat(MPI.PROC_NULL, 10);
    equal(group.Translate_ranks(ranks, group), ranks);
  },

  "no rank is in the empty group": (group) => {
    if (group.equals(MPI.GROUP_EMPTY)) return;
    const ranks = repeat(range(group.size), 2).flat();
    equal(
      group.Translate_ranks(ranks, MPI.GROUP_EMPTY),
      repeat(MPI.UNDEFINED, ranks.length),
    );
  },
};

const withGroup =
  (make: () => Group, body: (group: Group) => void): Body =>
  () => {
    const group = make();
    body(group);
    if (!group.equals(MPI.GROUP_EMPTY)) group.Free();
  };

export const suites: readonly Suite[] = [
  ...GROUPS.map(({ name, make }) => ({
    name,
    cases: Object.fromEntries(
      Object.entries(CASES).map(([sentence, body]) => [
        sentence,
        withGroup(make, body),
      ]),
    ),
  })),
  {
    name: "GroupSizes",
    cases: {
      "the empty group is a group without ranks": () => {
        isLive(MPI.GROUP_EMPTY);
        equal(MPI.GROUP_EMPTY.Get_size(), 0);
        equal(MPI.GROUP_EMPTY.Get_rank(), MPI.UNDEFINED);
      },

      "the group of COMM_SELF is this rank": () => {
        const group = MPI.COMM_SELF.Get_group();
        equal(group.Get_size(), 1);
        equal(group.Get_rank(), 0);
        equal(group.Translate_ranks(), [MPI.COMM_WORLD.rank]);
        group.Free();
      },

      "the group of COMM_WORLD is all ranks": () => {
        const group = MPI.COMM_WORLD.Get_group();
        equal(group.Get_size(), MPI.COMM_WORLD.Get_size());
        equal(group.Get_rank(), MPI.COMM_WORLD.Get_rank());
        group.Free();
      },
    },
  },
  {
    name: "GroupNull",
    cases: {
      "a new group is null, and not GROUP_NULL itself": () => {
        const group = new MPI.Group();
        isNull(group, MPI.GROUP_NULL);
        ok(group !== MPI.GROUP_NULL);
        equal(group.equals(MPI.GROUP_NULL), true);
      },

      "a freed group is null": () => {
        const group = MPI.COMM_WORLD.Get_group();
        group.Free();
        isNull(group);
        equal(group.equals(MPI.GROUP_NULL), true);
      },
    },
  },
  {
    name: "GroupAlgebra",
    comms: ["WORLD"],
    cases: {
      "Incl takes ranks in the order in which they are named": ({ size }) => {
        const world = MPI.COMM_WORLD.Get_group();
        const backwards = world.Incl(range(size).reverse());
        equal(backwards.Translate_ranks(), range(size).reverse());
        equal(backwards.rank, size - 1 - world.rank);
        equal(
          MPI.Group.Compare(world, backwards),
          size === 1 ? MPI.IDENT : MPI.SIMILAR,
        );
      },

      "Excl keeps the others in their order": ({ rank, size }) => {
        const world = MPI.COMM_WORLD.Get_group();
        const others = world.Excl([0]);
        equal(others.size, size - 1);
        equal(others.rank, rank === 0 ? MPI.UNDEFINED : rank - 1);
        equal(others.Translate_ranks(), range(size).slice(1));
        if (size > 1) equal(MPI.Group.Compare(world, others), MPI.UNEQUAL);
      },

      "ranges count in steps, forwards and backwards": ({ size }) => {
        const world = MPI.COMM_WORLD.Get_group();
        const even = range(size).filter((rank) => rank % 2 === 0);
        equal(world.Range_incl([[0, size - 1, 2]]).Translate_ranks(), even);
        equal(
          world.Range_excl([[0, size - 1, 2]]).Translate_ranks(),
          range(size).filter((rank) => rank % 2 === 1),
        );
        equal(
          world.Range_incl([[size - 1, 0, -1]]).Translate_ranks(),
          range(size).reverse(),
        );
      },

      "a union begins with the first group, then come the others' ranks": ({
        size,
      }) => {
        const world = MPI.COMM_WORLD.Get_group();
        const last = world.Incl([size - 1]);
        equal(MPI.Group.Union(last, world).Translate_ranks(), [
          ...new Set([size - 1, ...range(size)]),
        ]);
        equal(MPI.Group.Intersection(world, last).Translate_ranks(), [
          size - 1,
        ]);
        equal(
          MPI.Group.Difference(world, last).Translate_ranks(),
          range(size - 1),
        );
      },
    },
  },
];
