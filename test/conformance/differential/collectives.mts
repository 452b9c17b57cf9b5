import { MPI } from "tsmpi";
import { type Kind, KINDS } from "../arrays.mts";
import { equal } from "../check.mts";
import { range, repeat, total } from "../support/loops.mts";
import { type Dice, noise } from "./dice.mts";
import { BLANK, lay } from "./laid.mts";
import { type OpModel, OPS } from "./ops.mts";
import { valueOf } from "./values.mts";

/** One call of a sequence, as all ranks of its communicator know it. */
export interface Call {
  readonly name: string;
  /** What it is about: "float32 × 7, SUM". */
  readonly text: string;
  readonly isOnBuffers: boolean;
  /** What this rank passes, and how it sees whether the model was right. */
  readonly prepare: (rank: number) => Prepared;
}

export interface Prepared {
  readonly values: readonly unknown[];
  /** Of what the call gave. */
  readonly check: (result: unknown) => void;
}

type Planned = Omit<Call, "name" | "isOnBuffers">;
type Plan = (dice: Dice, size: number) => Planned;

const COUNTS = [0, 1, 2, 3, 5, 8, 13, 64, 257];

/** Now and then a long one. */
const aCount = (dice: Dice): number =>
  dice.chance(0.03) ? 20_000 + dice.below(9_000) : dice.pick(COUNTS);

const aBlock = (dice: Dice): number => dice.pick([0, 1, 2, 3, 5, 17]);

const blanks = (length: number): number[] => repeat(BLANK, length);

/** `length` small numbers of a rank. */
const numbersOf = (seed: number, rank: number, length: number): number[] =>
  range(length).map((index) => noise(seed, rank, index) % 100);

const JOIN = (lower: string, higher: string) => `(${lower}${higher})`;

interface ValueOpModel {
  readonly name: string;
  readonly op: () => unknown;
  /** What a rank contributes. */
  readonly input: (seed: number, rank: number) => unknown;
  readonly combine: (lower: never, higher: never) => unknown;
}

const VALUE_OPS: readonly ValueOpModel[] = [
  {
    name: "SUM",
    op: () => MPI.SUM,
    input: (seed, rank) => noise(seed, rank) % 1_000,
    combine: (lower: number, higher: number) => lower + higher,
  },
  {
    name: "MAX",
    op: () => MPI.MAX,
    input: (seed, rank) => noise(seed, rank) / 7,
    combine: (lower: number, higher: number) => Math.max(lower, higher),
  },
  {
    name: "MINLOC",
    op: () => MPI.MINLOC,
    input: (seed, rank) => [noise(seed, rank) % 3, rank],
    combine: (lower: [number, number], higher: [number, number]) =>
      higher[0] < lower[0] ? higher : lower,
  },
  {
    name: "a function that does not commute",
    op: () => JOIN,
    input: (seed, rank) => `${rank}:${noise(seed, rank) % 10}`,
    combine: JOIN,
  },
];

/** A reduction of values over some of the ranks; gives null to ranks that have none. */
const reductionOfValues =
  (
    over: (rank: number, size: number, root: number) => number,
    rooted = false,
  ) =>
  (dice: Dice, size: number): Planned => {
    const seed = dice.seed();
    const root = dice.below(size);
    const { name, op, input, combine } = dice.pick(VALUE_OPS);
    return {
      text: rooted ? `${name}, root ${root}` : name,
      prepare: (rank) => ({
        values: [input(seed, rank), op(), ...(rooted ? [root] : [])],
        check: (result) => {
          const ranks = range(over(rank, size, root));
          const inputs = ranks.map((other) => input(seed, other));
          const [first = null, ...others] = inputs;
          equal(
            result,
            others.reduce(
              (lower, higher) => combine(lower as never, higher as never),
              first,
            ),
          );
        },
      }),
    };
  };

/** The lower-case calls. */
const ON_VALUES: Readonly<Record<string, Plan>> = {
  barrier: () => ({ text: "", prepare: () => ({ values: [], check() {} }) }),

  bcast: (dice, size) => {
    const [seed, root] = [dice.seed(), dice.below(size)];
    return {
      text: `root ${root}`,
      prepare: (rank) => ({
        values: [rank === root ? valueOf(seed, root) : "ignored", root],
        check: (result) => equal(result, valueOf(seed, root)),
      }),
    };
  },

  gather: (dice, size) => {
    const [seed, root] = [dice.seed(), dice.below(size)];
    return {
      text: `root ${root}`,
      prepare: (rank) => ({
        values: [valueOf(seed, rank), root],
        check: (result) =>
          equal(
            result,
            rank === root
              ? range(size).map((from) => valueOf(seed, from))
              : null,
          ),
      }),
    };
  },

  scatter: (dice, size) => {
    const [seed, root] = [dice.seed(), dice.below(size)];
    return {
      text: `root ${root}`,
      prepare: (rank) => ({
        values: [
          rank === root ? range(size).map((to) => valueOf(seed, to)) : null,
          root,
        ],
        check: (result) => equal(result, valueOf(seed, rank)),
      }),
    };
  },

  allgather: (dice, size) => {
    const seed = dice.seed();
    return {
      text: "",
      prepare: (rank) => ({
        values: [valueOf(seed, rank)],
        check: (result) =>
          equal(
            result,
            range(size).map((from) => valueOf(seed, from)),
          ),
      }),
    };
  },

  alltoall: (dice, size) => {
    const seed = dice.seed();
    return {
      text: "",
      prepare: (rank) => ({
        values: [range(size).map((to) => valueOf(seed, size * rank + to))],
        check: (result) =>
          equal(
            result,
            range(size).map((from) => valueOf(seed, size * from + rank)),
          ),
      }),
    };
  },

  reduce: reductionOfValues(
    (rank, size, root) => (rank === root ? size : 0),
    true,
  ),
  allreduce: reductionOfValues((_, size) => size),
  scan: reductionOfValues((rank) => rank + 1),
  exscan: reductionOfValues((rank) => rank),
};

/** The parts of a buffer, in elements. */
interface Parts {
  readonly counts: readonly number[];
  readonly displacements: readonly number[];
  /** Of the buffer. */
  readonly length: number;
}

/** Parts in any order, with gaps between some. */
function partsOf(dice: Dice, counts: readonly number[]): Parts {
  const displacements = new Array<number>(counts.length);
  let length = 0;
  for (const part of dice.shuffled(range(counts.length))) {
    length += dice.below(3);
    displacements[part] = length;
    length += counts[part]!;
  }
  return { counts, displacements, length };
}

const laidOut = (
  { displacements, length }: Parts,
  parts: readonly (readonly number[])[],
): number[] => {
  const numbers = blanks(length);
  parts.forEach((part, at) => {
    part.forEach((number, index) => {
      numbers[displacements[at]! + index] = number;
    });
  });
  return numbers;
};

const vector = (
  array: unknown,
  { counts, displacements }: Parts,
  kind: Kind,
): unknown => [array, [counts, displacements], kind.name];

interface ReductionPlan {
  /** Of the input of each rank, and of what this rank receives. */
  readonly lengths: (
    dice: Dice,
    size: number,
    unit: number,
  ) => { readonly input: number; readonly counts: readonly number[] | null };
  /** Of `input` numbers: where this rank's part starts, how long it is, over how many ranks. */
  readonly part: (
    rank: number,
    size: number,
    input: number,
    counts: readonly number[] | null,
    root: number,
  ) => {
    readonly start: number;
    readonly length: number;
    readonly ranks: number;
  };
  readonly rooted?: boolean;
  readonly isScan?: boolean;
}

const whole = (dice: Dice, _size: number, unit: number) => ({
  input: unit * aCount(dice),
  counts: null,
});

const REDUCTIONS: Readonly<Record<string, ReductionPlan>> = {
  Reduce: {
    lengths: whole,
    part: (rank, size, input, _, root) => ({
      start: 0,
      length: input,
      ranks: rank === root ? size : 0,
    }),
    rooted: true,
  },
  Allreduce: {
    lengths: whole,
    part: (_rank, size, input) => ({ start: 0, length: input, ranks: size }),
  },
  Reduce_scatter_block: {
    lengths: (dice, size, unit) => ({
      input: unit * size * aCount(dice),
      counts: null,
    }),
    part: (rank, size, input) => ({
      start: (input / size) * rank,
      length: input / size,
      ranks: size,
    }),
  },
  Reduce_scatter: {
    lengths: (dice, size, unit) => {
      const counts = range(size).map(() => unit * aBlock(dice));
      return { input: total(counts), counts };
    },
    part: (rank, size, _, counts) => ({
      start: total(counts!.slice(0, rank)),
      length: counts![rank]!,
      ranks: size,
    }),
  },
  Scan: {
    lengths: whole,
    part: (rank, _size, input) => ({
      start: 0,
      length: input,
      ranks: rank + 1,
    }),
    isScan: true,
  },
  Exscan: {
    lengths: whole,
    part: (rank, _size, input) => ({ start: 0, length: input, ranks: rank }),
    isScan: true,
  },
};

/** Any of the reductions of buffers. */
const reductionOfBuffers =
  ({ lengths, part, rooted = false, isScan = false }: ReductionPlan): Plan =>
  (dice, size) => {
    const [seed, root] = [dice.seed(), dice.below(size)];
    const kind = dice.pick(KINDS);
    const model = dice.pick(
      OPS.filter((op) => op.fits(kind) && (op.scans || !isScan)),
    );
    const { input, counts } = lengths(dice, size, model.unit);
    const inPlace = dice.chance(0.3);
    const rest = [...(counts ? [counts] : []), ...(rooted ? [root] : [])];
    return {
      text: `${kind.name} × ${input}, ${model.name}${inPlace ? ", in place" : ""}${rest.length > 0 ? `, ${JSON.stringify(rest)}` : ""}`,
      prepare: (rank) => {
        const own = inputOf(model, seed, rank, input);
        const { start, length, ranks } = part(rank, size, input, counts, root);
        const isInPlace = inPlace && (!rooted || rank === root);
        const sent = lay(kind, own, noise(seed, rank, 1));
        const received = lay(
          kind,
          isInPlace ? own : blanks(length),
          noise(seed, rank, 2),
        );
        const message = isInPlace ? MPI.IN_PLACE : sent.message;
        return {
          values: [
            message,
            received.message,
            ...(counts ? [counts] : []),
            model.op(),
            ...(rooted ? [root] : []),
          ],
          check: () => {
            sent.holds(own, "the send buffer");
            const before = isInPlace ? own : blanks(length);
            // MPI leaves rank 0's buffer of an exclusive scan undefined; in place it has an input that may change.
            if (ranks === 0) {
              received.holds(before, "a receive buffer without a result");
              return;
            }
            const result = model
              .fold(range(ranks).map((r) => inputOf(model, seed, r, input)))
              .slice(start, start + length);
            received.holds(
              [...result, ...before.slice(length)],
              "the receive buffer",
            );
          },
        };
      },
    };
  };

const inputOf = (
  { input }: OpModel,
  seed: number,
  rank: number,
  length: number,
): number[] => range(length).map((index) => input(seed, rank, index));

/** The capital calls. */
const ON_BUFFERS: Readonly<Record<string, Plan>> = {
  Barrier: () => ({ text: "", prepare: () => ({ values: [], check() {} }) }),

  Bcast: (dice, size) => {
    const [seed, root, count] = [dice.seed(), dice.below(size), aCount(dice)];
    const kind = dice.pick(KINDS);
    return {
      text: `${kind.name} × ${count}, root ${root}`,
      prepare: (rank) => {
        const numbers = numbersOf(seed, root, count);
        const buffer = lay(
          kind,
          rank === root ? numbers : blanks(count),
          noise(seed, rank),
        );
        return {
          values: [buffer.message, root],
          check: () => buffer.holds(numbers, "the buffer"),
        };
      },
    };
  },

  Gather: (dice, size) => {
    const [seed, root, count] = [dice.seed(), dice.below(size), aCount(dice)];
    const kind = dice.pick(KINDS);
    const inPlace = dice.chance(0.3);
    return {
      text: `${kind.name} × ${count}, root ${root}${inPlace ? ", in place" : ""}`,
      prepare: (rank) =>
        gathered({
          kind,
          seed,
          rank,
          size,
          count,
          inPlace: inPlace && rank === root,
          receives: rank === root,
          rest: [root],
        }),
    };
  },

  Allgather: (dice, size) => {
    const [seed, count] = [dice.seed(), aCount(dice)];
    const kind = dice.pick(KINDS);
    const inPlace = dice.chance(0.3);
    return {
      text: `${kind.name} × ${count}${inPlace ? ", in place" : ""}`,
      prepare: (rank) =>
        gathered({
          kind,
          seed,
          rank,
          size,
          count,
          inPlace,
          receives: true,
          rest: [],
        }),
    };
  },

  Scatter: (dice, size) => {
    const [seed, root, count] = [dice.seed(), dice.below(size), aCount(dice)];
    const kind = dice.pick(KINDS);
    const inPlace = dice.chance(0.3);
    return {
      text: `${kind.name} × ${count}, root ${root}${inPlace ? ", in place" : ""}`,
      prepare: (rank) => {
        const all = range(size).flatMap((to) => numbersOf(seed, to, count));
        const sent = rank === root ? lay(kind, all, noise(seed, 1)) : null;
        const received =
          inPlace && rank === root
            ? null
            : lay(kind, blanks(count), noise(seed, rank, 2));
        return {
          values: [
            sent?.message ?? null,
            received?.message ?? MPI.IN_PLACE,
            root,
          ],
          check: () => {
            sent?.holds(all, "the send buffer");
            received?.holds(numbersOf(seed, rank, count), "the receive buffer");
          },
        };
      },
    };
  },

  Alltoall: (dice, size) => {
    const [seed, count] = [dice.seed(), aBlock(dice)];
    const kind = dice.pick(KINDS);
    const inPlace = dice.chance(0.3);
    const part = (from: number, to: number) =>
      numbersOf(seed, size * from + to, count);
    return {
      text: `${kind.name} × ${count}${inPlace ? ", in place" : ""}`,
      prepare: (rank) => {
        const outgoing = range(size).flatMap((to) => part(rank, to));
        const sent = lay(kind, outgoing, noise(seed, rank, 1));
        const received = lay(
          kind,
          inPlace ? outgoing : blanks(size * count),
          noise(seed, rank, 2),
        );
        return {
          values: [inPlace ? MPI.IN_PLACE : sent.message, received.message],
          check: () => {
            sent.holds(outgoing, "the send buffer");
            received.holds(
              range(size).flatMap((from) => part(from, rank)),
              "the receive buffer",
            );
          },
        };
      },
    };
  },

  Gatherv: (dice, size) => {
    const [seed, root, kind] = [
      dice.seed(),
      dice.below(size),
      dice.pick(KINDS),
    ];
    const counts = range(size).map(() => aBlock(dice));
    const parts = partsOf(dice, counts);
    return {
      text: `${kind.name} × ${JSON.stringify(counts)}, root ${root}`,
      prepare: (rank) =>
        gatheredApart({
          kind,
          seed,
          rank,
          parts,
          receives: rank === root,
          rest: [root],
        }),
    };
  },

  Allgatherv: (dice, size) => {
    const [seed, kind] = [dice.seed(), dice.pick(KINDS)];
    const counts = range(size).map(() => aBlock(dice));
    const parts = partsOf(dice, counts);
    return {
      text: `${kind.name} × ${JSON.stringify(counts)}`,
      prepare: (rank) =>
        gatheredApart({ kind, seed, rank, parts, receives: true, rest: [] }),
    };
  },

  Scatterv: (dice, size) => {
    const [seed, root, kind] = [
      dice.seed(),
      dice.below(size),
      dice.pick(KINDS),
    ];
    const counts = range(size).map(() => aBlock(dice));
    const parts = partsOf(dice, counts);
    return {
      text: `${kind.name} × ${JSON.stringify(counts)}, root ${root}`,
      prepare: (rank) => {
        const own = numbersOf(seed, rank, counts[rank]!);
        const all = laidOut(
          parts,
          counts.map((count, to) => numbersOf(seed, to, count)),
        );
        const sent = rank === root ? lay(kind, all, noise(seed, 1)) : null;
        const received = lay(kind, blanks(own.length), noise(seed, rank, 2));
        return {
          values: [
            sent && vector(sent.array, parts, kind),
            received.message,
            root,
          ],
          check: () => {
            sent?.holds(all, "the send buffer");
            received.holds(own, "the receive buffer");
          },
        };
      },
    };
  },

  Alltoallv: (dice, size) => {
    const [seed, kind] = [dice.seed(), dice.pick(KINDS)];
    const counts = range(size).map(() => range(size).map(() => aBlock(dice)));
    const sending = counts.map((row) => partsOf(dice, row));
    const receiving = range(size).map((to) =>
      partsOf(
        dice,
        counts.map((row) => row[to]!),
      ),
    );
    const part = (from: number, to: number) =>
      numbersOf(seed, size * from + to, counts[from]![to]!);
    return {
      text: `${kind.name} × ${JSON.stringify(counts)}`,
      prepare: (rank) => {
        const outgoing = laidOut(
          sending[rank]!,
          range(size).map((to) => part(rank, to)),
        );
        const sent = lay(kind, outgoing, noise(seed, rank, 1));
        const { length } = receiving[rank]!;
        const received = lay(kind, blanks(length), noise(seed, rank, 2));
        return {
          values: [
            vector(sent.array, sending[rank]!, kind),
            vector(received.array, receiving[rank]!, kind),
          ],
          check: () => {
            sent.holds(outgoing, "the send buffer");
            received.holds(
              laidOut(
                receiving[rank]!,
                range(size).map((from) => part(from, rank)),
              ),
              "the receive buffer",
            );
          },
        };
      },
    };
  },

  ...Object.fromEntries(
    Object.entries(REDUCTIONS).map(([name, plan]) => [
      name,
      reductionOfBuffers(plan),
    ]),
  ),
};

/** Gather and Allgather, as one rank sees them. */
function gathered({
  kind,
  seed,
  rank,
  size,
  count,
  inPlace,
  receives,
  rest,
}: {
  readonly kind: Kind;
  readonly seed: number;
  readonly rank: number;
  readonly size: number;
  readonly count: number;
  readonly inPlace: boolean;
  readonly receives: boolean;
  readonly rest: readonly unknown[];
}): Prepared {
  const own = numbersOf(seed, rank, count);
  const before = blanks(size * count);
  if (inPlace) before.splice(rank * count, count, ...own);
  const sent = lay(kind, own, noise(seed, rank, 1));
  const received = receives ? lay(kind, before, noise(seed, rank, 2)) : null;
  return {
    values: [
      inPlace ? MPI.IN_PLACE : sent.message,
      received?.message ?? null,
      ...rest,
    ],
    check: () => {
      sent.holds(own, "the send buffer");
      received?.holds(
        range(size).flatMap((from) => numbersOf(seed, from, count)),
        "the receive buffer",
      );
    },
  };
}

/** Gatherv and Allgatherv, as one rank sees them. */
function gatheredApart({
  kind,
  seed,
  rank,
  parts,
  receives,
  rest,
}: {
  readonly kind: Kind;
  readonly seed: number;
  readonly rank: number;
  readonly parts: Parts;
  readonly receives: boolean;
  readonly rest: readonly unknown[];
}): Prepared {
  const own = numbersOf(seed, rank, parts.counts[rank]!);
  const sent = lay(kind, own, noise(seed, rank, 1));
  const received = receives
    ? lay(kind, blanks(parts.length), noise(seed, rank, 2))
    : null;
  return {
    values: [
      sent.message,
      received && vector(received.array, parts, kind),
      ...rest,
    ],
    check: () => {
      sent.holds(own, "the send buffer");
      received?.holds(
        laidOut(
          parts,
          parts.counts.map((count, from) => numbersOf(seed, from, count)),
        ),
        "the receive buffer",
      );
    },
  };
}

const PLANS = [
  ...Object.entries(ON_VALUES).map(([name, plan]) => ({
    name,
    plan,
    isOnBuffers: false,
  })),
  ...Object.entries(ON_BUFFERS).map(([name, plan]) => ({
    name,
    plan,
    isOnBuffers: true,
  })),
];

/** Any collective over `size` ranks. */
export function anyCollective(dice: Dice, size: number): Call {
  const { name, plan, isOnBuffers } = dice.pick(PLANS);
  return { name, isOnBuffers, ...plan(dice, size) };
}
