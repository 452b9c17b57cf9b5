import { OpError, typeTag } from "@tsmpi/protocol";
import {
  isLess,
  isMap,
  isNumeric,
  isRecord,
  isSet,
  truthOf,
} from "./python-values";
import type { ReduceOp } from "./reduce-ops";

/** The op on two values, the lower rank's first; UNDEFINED where Python raises TypeError. */
type Combine = (lower: unknown, higher: unknown) => unknown;

const UNDEFINED = Symbol("not defined for these values");

/** What Python's operators give, which mpi4py reduces objects with. */
const COMBINE: Readonly<Record<ReduceOp, Combine>> = {
  SUM: (x, y) => sum(x, y),
  PROD: (x, y) => product(x, y),
  MIN: (x, y) => choose(isLess(y, x), y, x),
  MAX: (x, y) => choose(isLess(x, y), y, x),
  LAND: (x, y) => truthOf(x) && truthOf(y),
  LOR: (x, y) => truthOf(x) || truthOf(y),
  LXOR: (x, y) => truthOf(x) !== truthOf(y),
  BAND: (x, y) =>
    isSet(x) && isSet(y)
      ? new Set([...x].filter((item) => y.has(item)))
      : bitwise(x, y, (a, b) => a & b),
  BOR: (x, y) => {
    if (isSet(x) && isSet(y)) return new Set([...x, ...y]);
    if (isMap(x) && isMap(y)) return new Map([...x, ...y]);
    if (isRecord(x) && isRecord(y)) return { ...x, ...y };
    return bitwise(x, y, (a, b) => a | b);
  },
  BXOR: (x, y) =>
    isSet(x) && isSet(y)
      ? new Set([
          ...[...x].filter((item) => !y.has(item)),
          ...[...y].filter((item) => !x.has(item)),
        ])
      : bitwise(x, y, (a, b) => a ^ b),
  MINLOC: (x, y) => location(x, y, isLess),
  MAXLOC: (x, y) => location(x, y, (a, b) => isLess(b, a)),
  REPLACE: (_, y) => y,
  NO_OP: (x) => x,
  AVG: (x, y) =>
    isAveraged(x) && isAveraged(y) ? Number(x) + Number(y) : UNDEFINED,
};

/**
 * The op on two values that are no buffers: what Python's operators give on numbers, bigints, booleans, strings, arrays, Sets,
 * Maps and plain objects. MINLOC and MAXLOC take `[value, index]`.
 *
 * @throws {OpError} where Python would raise TypeError; and a number and a bigint do not mix
 */
export function combineValues(
  op: ReduceOp,
  lower: unknown,
  higher: unknown,
): unknown {
  const result = COMBINE[op](lower, higher);
  if (result !== UNDEFINED) return result;
  throw new OpError(
    `${op} is not defined for ${nameOf(lower)} and ${nameOf(higher)}; ${adviceFor(op)}`,
  );
}

/**
 * The average, of the sum over all ranks.
 *
 * @throws {OpError} `total` is no number
 */
export function averageValue(total: unknown, ranks: number): number {
  if (isAveraged(total)) return Number(total) / ranks;
  throw new OpError(
    `AVG is not defined for ${nameOf(total)}; ${adviceFor("AVG")}`,
  );
}

const isAveraged = (value: unknown): value is number | boolean =>
  typeof value === "number" || typeof value === "boolean";

/** `x + y`: numbers, or two strings or arrays joined. */
function sum(x: unknown, y: unknown): unknown {
  if (typeof x === "string" && typeof y === "string") return x + y;
  if (Array.isArray(x) && Array.isArray(y))
    return [...(x as unknown[]), ...(y as unknown[])];
  const numbers = sameNumbers(x, y);
  return numbers ? numbers[0] + numbers[1] : UNDEFINED;
}

/** `x * y`: numbers, or a string or an array so many times. */
function product(x: unknown, y: unknown): unknown {
  const numbers = sameNumbers(x, y);
  if (numbers) return numbers[0] * numbers[1];
  if (isSequence(x) && isWhole(y)) return repeat(x, y);
  if (isWhole(x) && isSequence(y)) return repeat(y, x);
  return UNDEFINED;
}

type Sequence = string | readonly unknown[];

const isSequence = (value: unknown): value is Sequence =>
  typeof value === "string" || Array.isArray(value);

function repeat(
  sequence: Sequence,
  times: number | bigint | boolean,
): Sequence {
  const count = Math.max(0, Number(times));
  return typeof sequence === "string"
    ? sequence.repeat(count)
    : Array.from({ length: count }, () => sequence).flat();
}

/** Integers of any width, as bits of two's complement; two booleans give a boolean. */
function bitwise(
  x: unknown,
  y: unknown,
  of: (a: bigint, b: bigint) => bigint,
): unknown {
  if (!isWhole(x) || !isWhole(y) || !sameNumbers(x, y)) return UNDEFINED;
  const result = of(BigInt(x), BigInt(y));
  if (typeof x === "bigint" || typeof y === "bigint") return result;
  return typeof x === "boolean" && typeof y === "boolean"
    ? result !== 0n
    : Number(result);
}

/** Whether it is an int: a number may be one, up to 2^53. */
const isWhole = (value: unknown): value is number | bigint | boolean =>
  isNumeric(value) &&
  (typeof value !== "number" || Number.isSafeInteger(value));

/** Both as numbers, or both as bigints; typed as the former. Null if that cannot be. */
function sameNumbers(x: unknown, y: unknown): [number, number] | null {
  if (!isNumeric(x) || !isNumeric(y)) return null;
  if (typeof x !== "bigint" && typeof y !== "bigint")
    return [Number(x), Number(y)];
  if (typeof x === "number" || typeof y === "number") return null;
  return [BigInt(x), BigInt(y)] as never;
}

/** The pair whose value wins, of equal ones that with the lower index. */
function location(
  x: unknown,
  y: unknown,
  wins: (a: unknown, b: unknown) => boolean | null,
): unknown {
  if (!isPair(x) || !isPair(y)) return UNDEFINED;
  const isHigher = wins(y[0], x[0]);
  const isLower = wins(x[0], y[0]);
  if (isHigher === null || isLower === null) return UNDEFINED;
  const isDecided = isHigher || isLower;
  return choose(isDecided ? isHigher : isLess(y[1], x[1]), [...y], [...x]);
}

const isPair = (value: unknown): value is readonly [unknown, unknown] =>
  Array.isArray(value) && value.length === 2;

const choose = (
  condition: boolean | null,
  yes: unknown,
  no: unknown,
): unknown => (condition === null ? UNDEFINED : condition ? yes : no);

const adviceFor = (op: ReduceOp): string =>
  op === "MINLOC" || op === "MAXLOC"
    ? "it takes pairs [value, index]"
    : "give a function (lower, higher) => value instead";

function nameOf(value: unknown): string {
  if (value === null) return "null";
  return typeof value !== "object" || isRecord(value)
    ? typeof value
    : typeTag(value);
}
