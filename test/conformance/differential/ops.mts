import { MPI } from "tsmpi";
import type { Kind } from "../arrays.mts";
import { affineOf, compose } from "../support/affine.mts";
import { userOp } from "../support/user-ops.mts";
import { noise } from "./dice.mts";

/** An op and its model. All inputs are so small that every dtype has every result exactly. */
export interface OpModel {
  readonly name: string;
  readonly op: () => InstanceType<typeof MPI.Op>;
  /** What a rank contributes in a place. */
  readonly input: (seed: number, rank: number, index: number) => number;
  /** Over the ranks in order, element by element or pair by pair. */
  readonly fold: (rows: readonly (readonly number[])[]) => number[];
  readonly fits: (kind: Kind) => boolean;
  /** Elements that belong together. */
  readonly unit: number;
  /** Whether a scan has it. */
  readonly scans: boolean;
}

const everywhere = { fits: () => true, unit: 1, scans: true } as const;
const integers = { ...everywhere, fits: ({ isFloat }: Kind) => !isFloat };
/** What JavaScript's functions can work on: no raw bits, and wide enough. */
const forFunctions = {
  ...everywhere,
  fits: ({ name }: Kind) => !/float16|int8/.test(name),
};

const upTo = (limit: number) => (seed: number, rank: number, index: number) =>
  noise(seed, rank, index) % limit;

const elements =
  (op: (lower: number, higher: number) => number) =>
  (rows: readonly (readonly number[])[]): number[] =>
    rows[0]!.map((_, index) =>
      rows
        .map((row) => row[index]!)
        .reduce((lower, higher) => op(lower, higher)),
    );

const location =
  (isBetter: (value: number, than: number) => boolean) =>
  (rows: readonly (readonly number[])[]): number[] =>
    rows.reduce<number[]>(
      (best, row) => {
        const result = [...best];
        for (let i = 0; i < row.length; i += 2) {
          const [value, at] = [row[i]!, row[i + 1]!];
          const isTie = value === best[i] && at < best[i + 1]!;
          if (isBetter(value, best[i]!) || isTie)
            [result[i], result[i + 1]] = [value, at];
        }
        return result;
      },
      [...rows[0]!],
    );

const mean = (rows: readonly (readonly number[])[]): number[] =>
  elements((a, b) => a + b)(rows).map((sum) => sum / rows.length);

const predefined = (
  name:
    | "SUM"
    | "PROD"
    | "MIN"
    | "MAX"
    | "BAND"
    | "BOR"
    | "BXOR"
    | "LAND"
    | "LOR"
    | "LXOR"
    | "REPLACE"
    | "NO_OP",
  op: (lower: number, higher: number) => number,
  limit: number,
  where: Pick<OpModel, "fits" | "unit" | "scans"> = everywhere,
): OpModel => ({
  name,
  op: () => MPI[name],
  input: upTo(limit),
  fold: elements(op),
  ...where,
});

const once = <T,>(make: () => T): (() => T) => {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
};

export const OPS: readonly OpModel[] = [
  predefined("SUM", (a, b) => a + b, 5),
  predefined("PROD", (a, b) => a * b, 4),
  predefined("MIN", Math.min, 100),
  predefined("MAX", Math.max, 100),
  predefined("REPLACE", (_, higher) => higher, 100),
  predefined("NO_OP", (lower) => lower, 100),
  predefined("BAND", (a, b) => a & b, 100, integers),
  predefined("BOR", (a, b) => a | b, 100, integers),
  predefined("BXOR", (a, b) => a ^ b, 100, integers),
  predefined("LAND", (a, b) => (a && b ? 1 : 0), 2, integers),
  predefined("LOR", (a, b) => (a || b ? 1 : 0), 2, integers),
  predefined("LXOR", (a, b) => (!a !== !b ? 1 : 0), 2, integers),
  {
    name: "AVG",
    op: () => MPI.AVG,
    // Multiples of 60: the mean over up to six ranks is whole.
    input: (seed, rank, index) => 60 * upTo(4)(seed, rank, index),
    fold: mean,
    ...everywhere,
    fits: ({ isFloat }) => isFloat,
    scans: false,
  },
  {
    name: "a function that does not commute",
    op: once(() => userOp(compose, false)),
    input: (seed, rank, index) => affineOf(rank, noise(seed, index) % 31),
    fold: elements(compose),
    ...forFunctions,
  },
  {
    name: "a function that commutes",
    op: once(() => userOp((a, b) => (a + b) % 97, true)),
    input: upTo(97),
    fold: elements((a, b) => (a + b) % 97),
    ...forFunctions,
  },
  {
    name: "MINLOC",
    op: () => MPI.MINLOC,
    input: upTo(4),
    fold: location((value, than) => value < than),
    ...everywhere,
    unit: 2,
  },
  {
    name: "MAXLOC",
    op: () => MPI.MAXLOC,
    input: upTo(4),
    fold: location((value, than) => value > than),
    ...everywhere,
    unit: 2,
  },
];
