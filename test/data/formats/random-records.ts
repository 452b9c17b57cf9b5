import { join } from "node:path";
import type { DataRecord, FormatOptions } from "@tsmpi/data";
import { random } from "../../support/random";

/** Numbers from 0 to 1 when called, and what tests make of them. */
export class Random {
  readonly next: () => number;
  constructor(seed: number) {
    this.next = random(seed);
  }
  /** From 0 to `limit` − 1. */
  below = (limit: number): number => Math.floor(this.next() * limit);
  bits = (): number => this.below(2 ** 32) | 0;
  list = <T>(most: number, one: () => T): T[] =>
    Array.from({ length: this.below(most + 1) }, one);
  pick = <T>(values: readonly T[]): T => values[this.below(values.length)]!;

  bytes = (length: number): Uint8Array =>
    Uint8Array.from({ length }, () => this.below(256));
  /** Any bits: NaNs that carry something, subnormal ones, both zeros. */
  floats = (length: number): Float32Array =>
    new Float32Array(Int32Array.from({ length }, this.bits).buffer);
  integers = (length: number): BigInt64Array =>
    BigInt64Array.from({ length }, this.integer);
  /** Of any size, as often of few bits as of many. */
  integer = (): bigint =>
    BigInt.asIntN(
      this.below(65),
      (BigInt(this.bits()) << 32n) | BigInt(this.bits() >>> 0),
    );
  number = (): number =>
    this.pick([
      () => this.below(1000) - 500,
      () => this.next() * 10 ** (this.below(40) - 20),
      () => this.pick([0, 2 ** 53 - 1, Number.MAX_VALUE, Number.MIN_VALUE]),
    ])();
  text = (alphabet: readonly string[], most = 20): string =>
    this.list(most, () => this.pick(alphabet)).join("");
}

const LETTERS = [..."abz 0,;:\"'\\\t{}<&", "ä", "漢", "🙂", "\u2028", "\u0001"];
const LINES = [...LETTERS, "\n", "\r\n"];

/** How a format is tried out. */
export interface Trial {
  /** Random records that this format can hold, the first ones like all others. */
  readonly record: (random: Random, i: number) => DataRecord;
  readonly options?: FormatOptions;
}

const columns: Trial = {
  record: (random, i) => ({
    ...{ id: i, 'a "name", twice': random.text(LINES) },
    price: random.pick([random.number(), random.pick(SPECIAL_NUMBERS)]),
    isNew: random.next() < 0.5,
    note: random.pick([null, random.text(LINES), random.pick(LIKE_OTHERS)]),
  }),
};

const SPECIAL_NUMBERS = [
  NaN,
  Infinity,
  -Infinity,
  -0,
  2 ** 64,
  1e21,
  -(2 ** 53),
];
/** Text that could be taken for something else. */
const LIKE_OTHERS = [
  ..."12 |007|true|NaN|-inf|0x1F|1e5|null| |\uFEFFa".split("|"),
];

const inside = (random: Random, depth: number): DataRecord => ({
  number: random.bits(),
  note: random.pick([null, "", random.text(LINES)]),
  others: depth === 0 ? [] : random.list(2, () => inside(random, depth - 1)),
});

const everything = (random: Random, i: number): DataRecord => {
  const { list, pick } = random;
  const what = random.below(3);
  return {
    ...{ id: i, text: random.text(LINES) },
    // Through numbers, as the library takes them: a signalling NaN becomes a quiet one.
    features: random.floats(random.below(30)).map(Number),
    values: Float64Array.from(list(8, random.number)),
    steps: Int32Array.from(list(8, random.bits)),
    hashes: BigUint64Array.from(list(5, random.integer)),
    large: plain(random.integer()),
    size: plain(BigInt.asUintN(64, random.integer())),
    price: pick([null, 0, random.number()]),
    picture: random.bytes(random.below(20)),
    colour: pick(["RED", "BLUE", 77]),
    colours: list(3, () => pick(["RED", "GREEN", 78])),
    words: list(3, () => random.text(LINES)),
    flags: list(3, () => pick([true, false])),
    is_new: pick([true, false]),
    inside: pick([null, inside(random, 2)]),
    weights: Object.fromEntries(
      list(3, () => [random.text(LETTERS), random.number()]),
    ),
    names: Object.fromEntries(
      list(3, () => [`${random.integer()}`, random.text(LINES)]),
    ),
    insides: Object.fromEntries(
      list(2, () => [
        `${BigInt.asUintN(64, random.integer())}`,
        inside(random, 0),
      ]),
    ),
    count: what === 1 ? random.bits() >>> 0 : null,
    why: what === 2 ? random.text(LETTERS) : null,
  };
};

/** As it is read: a number where that holds it. */
const plain = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value;

/** One for every writable format. */
export const TRIALS: Readonly<Record<string, Trial>> = {
  jsonl: {
    record: (random, i) => ({
      ...{ id: i, text: random.text(LINES), nothing: null },
      isNew: random.next() < 0.5,
      numbers: random.list(8, random.number),
      nested: { names: random.list(3, () => random.text(LETTERS)) },
    }),
  },
  csv: columns,
  protobuf: {
    record: everything,
    options: {
      proto: join(__dirname, "everything.proto"),
      message: "trial.Everything",
    },
  },
  tokens: {
    record: (random) => ({
      tokens: Uint32Array.from({ length: 33 }, random.bits),
    }),
    options: { dtype: "uint32", window: 33 },
  },
  tsv: columns,
  text: { record: (random) => ({ text: random.text(LETTERS) }) },
  npy: { record: (random) => ({ data: random.floats(7) }) },
  npz: {
    record: (random) => ({
      ...{ x: random.floats(7), label: random.number() },
      ...{ wide: random.integers(3), isNew: random.next() < 0.5 },
    }),
  },
  tfrecord: {
    record: (random) => ({
      floats: random.floats(random.below(30)),
      integers: random.integers(random.below(10)),
      label: random.integers(1),
      bytes: random.list(3, () => random.bytes(random.below(100))),
      nothing: null,
      ...(random.next() < 0.5 && { "größe 🙂": random.floats(1) }),
    }),
  },
};
