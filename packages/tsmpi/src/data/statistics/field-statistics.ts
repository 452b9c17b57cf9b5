import type { FieldValue } from "@tsmpi/data";
import { kindOf } from "../words";
import { joinMoments, type Moments, momentsOf, NO_MOMENTS } from "./moments";

/** What all values of a field are like: plain data, which is joined at the root. */
export interface FieldStatistics {
  /** How many values of each kind. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly count: number;
  /** Of all numbers, those in arrays too. */
  readonly numbers: Moments;
  /** Numbers that are NaN or an infinity, and are not in `numbers`. */
  readonly nonFinite: number;
  /** Of texts in characters, of arrays in elements. */
  readonly lengths: Moments;
  /** How often each value comes, where they are short and few: labels; null: they are not. */
  readonly values: Readonly<Record<string, number>> | null;
}

export const NO_STATISTICS: FieldStatistics = {
  ...{ kinds: {}, count: 0, numbers: NO_MOMENTS, nonFinite: 0 },
  ...{ lengths: NO_MOMENTS, values: {} },
};

const MOST_VALUES = 100;
const LONGEST_LABEL = 32;
/** Lengths and single numbers wait for so many of them, then they are summed up. */
const MOST_WAITING = 4096;

/** Takes the values of a field one by one. */
export class FieldCounter {
  readonly #kinds = new Map<string, number>();
  #count = 0;
  #numbers = NO_MOMENTS;
  #nonFinite = 0;
  #lengths = NO_MOMENTS;
  #values: Map<string, number> | null = new Map();
  #waiting: number[] = [];
  #waitingLengths: number[] = [];

  add(value: FieldValue): void {
    this.#count++;
    const kind = kindOf(value);
    this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1);
    this.#countLabel(value);
    if (typeof value === "number" || typeof value === "bigint")
      this.#number(Number(value));
    else if (typeof value === "string") this.#length(value.length);
    else if (ArrayBuffer.isView(value)) this.#array(value as Float32Array);
    else if (Array.isArray(value)) {
      this.#length(value.length);
      for (const inside of value.flat(Infinity) as FieldValue[])
        if (typeof inside === "number" || typeof inside === "bigint")
          this.#number(Number(inside));
    }
  }

  close(): FieldStatistics {
    this.#sumUp();
    return {
      kinds: Object.fromEntries(this.#kinds),
      ...{ count: this.#count, numbers: this.#numbers },
      ...{ nonFinite: this.#nonFinite, lengths: this.#lengths },
      values: this.#values && Object.fromEntries(this.#values),
    };
  }

  #number(number: number): void {
    if (!Number.isFinite(number)) return void this.#nonFinite++;
    if (this.#waiting.push(number) === MOST_WAITING) this.#sumUp();
  }

  #length(length: number): void {
    if (this.#waitingLengths.push(length) === MOST_WAITING) this.#sumUp();
  }

  #array(array: Float32Array | BigInt64Array): void {
    this.#length(array.length);
    const isSmall = array.length < 16;
    if (isSmall || typeof array[0] === "bigint")
      return array.forEach((number: number | bigint) =>
        this.#number(Number(number)),
      );
    const numbers = array as Float32Array;
    const finite = numbers.every(Number.isFinite)
      ? numbers
      : numbers.filter(Number.isFinite);
    this.#nonFinite += numbers.length - finite.length;
    this.#numbers = joinMoments(this.#numbers, momentsOf(finite));
  }

  #sumUp(): void {
    this.#numbers = joinMoments(this.#numbers, momentsOf(this.#waiting));
    this.#lengths = joinMoments(this.#lengths, momentsOf(this.#waitingLengths));
    [this.#waiting, this.#waitingLengths] = [[], []];
  }

  #countLabel(value: FieldValue): void {
    if (this.#values === null) return;
    const label = labelOf(value);
    if (label === null) return void (this.#values = null);
    this.#values.set(label, (this.#values.get(label) ?? 0) + 1);
    if (this.#values.size > MOST_VALUES) this.#values = null;
  }
}

/** null: it is no label. */
function labelOf(value: FieldValue): string | null {
  if (ArrayBuffer.isView(value) || Array.isArray(value)) {
    const list = value as readonly FieldValue[];
    return list.length === 1 ? labelOf(list[0]!) : null;
  }
  if (typeof value === "string")
    return value.length <= LONGEST_LABEL ? value : null;
  if (typeof value === "number")
    return Number.isInteger(value) ? String(value) : null;
  return typeof value === "bigint" || typeof value === "boolean"
    ? String(value)
    : null;
}

/** Those of the values of both. */
export const joinStatistics = (
  a: FieldStatistics,
  b: FieldStatistics,
): FieldStatistics => ({
  kinds: addCounts(a.kinds, b.kinds),
  count: a.count + b.count,
  numbers: joinMoments(a.numbers, b.numbers),
  nonFinite: a.nonFinite + b.nonFinite,
  lengths: joinMoments(a.lengths, b.lengths),
  values: joinValues(a.values, b.values),
});

function joinValues(
  a: FieldStatistics["values"],
  b: FieldStatistics["values"],
): FieldStatistics["values"] {
  if (a === null || b === null) return null;
  const values = addCounts(a, b);
  return Object.keys(values).length > MOST_VALUES ? null : values;
}

function addCounts(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const sums = new Map(Object.entries(a));
  for (const [name, count] of Object.entries(b))
    sums.set(name, (sums.get(name) ?? 0) + count);
  return Object.fromEntries(sums);
}
