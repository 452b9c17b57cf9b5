/** One of each kind of value that the lower-case calls take, alone. */
export const BASIC_VALUES: readonly unknown[] = [
  null,
  undefined,
  true,
  false,
  -7,
  0,
  7,
  -(2 ** 53) + 1,
  2 ** 53 - 1,
  -(2n ** 63n) + 1n,
  2n ** 63n - 1n,
  -2.17,
  -0,
  1.62,
  NaN,
  -Infinity,
  "",
  "mpi: Grüße, 你好, 🙂",
  new Date(Date.UTC(2026, 6, 24, 12, 30, 15, 123)),
];

const SMALL_LIST = [null, true, -7, 2n ** 63n - 1n, 1.62, "tsmpi"];

/** What every case about messages sends: the basic values, and containers full of them. */
export const VALUES: readonly unknown[] = [
  ...BASIC_VALUES,
  [...BASIC_VALUES],
  new Set(BASIC_VALUES),
  new Map(BASIC_VALUES.map((value, k) => [`k${k}`, value])),
  Object.fromEntries(BASIC_VALUES.map((value, k) => [`k${k}`, value])),
  {
    list: [SMALL_LIST, new Map([[1, new Set(SMALL_LIST)]])],
    nested: { a: {} },
  },
  [Float32Array.of(0.5, -0, NaN), BigInt64Array.of(-1n), new Uint8Array(0)],
];

/** A few of them, for cases that send each one many times. */
export const SOME_VALUES: readonly unknown[] = [
  null,
  2n ** 63n - 1n,
  "tsmpi",
  SMALL_LIST,
  new Map([["key", new Set(SMALL_LIST)]]),
  Float64Array.of(1, 2, 3),
];
