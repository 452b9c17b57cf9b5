import {
  bfloat16FromNumber,
  bfloat16ToNumber,
  float16FromNumber,
  float16ToNumber,
} from "./half-precision";

const FORMATS = [
  {
    name: "float16",
    toNumber: float16ToNumber,
    fromNumber: float16FromNumber,
    fractionBits: 10,
    bias: 15,
    largest: 65_504,
  },
  {
    name: "bfloat16",
    toNumber: bfloat16ToNumber,
    fromNumber: bfloat16FromNumber,
    fractionBits: 7,
    bias: 127,
    largest: (2 - 2 ** -7) * 2 ** 127,
  },
] as const;

type Format = (typeof FORMATS)[number];

const ALL_BITS = Array.from({ length: 1 << 16 }, (_, bits) => bits);

const infinityOf = ({ fractionBits }: Format): number =>
  0x7fff & ~((1 << fractionBits) - 1);

/** IEEE 754's definition: ± fraction × 2^exponent. */
function definition({ fractionBits, bias }: Format, bits: number): number {
  const scale = 2 ** fractionBits;
  const sign = bits < 0x8000 ? 1 : -1;
  const exponent = Math.floor((bits & 0x7fff) / scale);
  const fraction = bits % scale;
  if (exponent === 2 * bias + 1) return fraction ? NaN : sign * Infinity;
  return exponent === 0
    ? sign * (fraction / scale) * 2 ** (1 - bias)
    : sign * (1 + fraction / scale) * 2 ** (exponent - bias);
}

/** The next double away from zero (1) or towards it (−1). */
function neighbour(value: number, step: 1n | -1n): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigUint64(0, view.getBigUint64(0) + step);
  return view.getFloat64(0);
}

describe.each(FORMATS)("$name", (format) => {
  const { toNumber, fromNumber, largest } = format;
  const infinity = infinityOf(format);

  it("gives each of the 65,536 patterns the value of the definition", () => {
    for (const bits of ALL_BITS)
      if (!Object.is(toNumber(bits), definition(format, bits)))
        expect([bits, toNumber(bits)]).toEqual([
          bits,
          definition(format, bits),
        ]);
  });

  it("gives each pattern back, each NaN as the quiet one", () => {
    for (const bits of ALL_BITS) {
      const expected =
        (bits & 0x7fff) > infinity
          ? infinity | (1 << (format.fractionBits - 1))
          : bits;
      if (fromNumber(toNumber(bits)) !== expected)
        expect([bits, fromNumber(toNumber(bits))]).toEqual([bits, expected]);
    }
  });

  it("rounds a double between any two neighbours to the nearer, and the middle to the even one", () => {
    for (let bits = 0; bits < infinity; bits++) {
      const above = bits + 1;
      const middle =
        (definition(format, bits) +
          (above === infinity
            ? 2 ** (format.bias + 1)
            : definition(format, above))) /
        2;
      const found = [
        fromNumber(neighbour(middle, -1n)),
        fromNumber(middle),
        fromNumber(neighbour(middle, 1n)),
        fromNumber(-middle),
      ];
      const even = bits % 2 === 0 ? bits : above;
      const expected = [bits, even, above, even | 0x8000];
      if (found.some((value, i) => value !== expected[i]))
        expect([bits, ...found]).toEqual([bits, ...expected]);
    }
  });

  it("keeps the sign of zero, and of what is too small or too large", () => {
    expect(fromNumber(0)).toBe(0);
    expect(fromNumber(-0)).toBe(0x8000);
    expect(fromNumber(-Number.MIN_VALUE)).toBe(0x8000);
    expect(fromNumber(Number.MAX_VALUE)).toBe(infinity);
    expect(fromNumber(-Infinity)).toBe(0x8000 | infinity);
    expect(Object.is(toNumber(0x8000), -0)).toBe(true);
  });

  it("has the largest number that its format has", () => {
    expect(toNumber(infinity - 1)).toBe(largest);
  });
});

it.each([
  ["float16", float16FromNumber, 1, 0x3c00],
  ["float16", float16FromNumber, -2, 0xc000],
  ["float16", float16FromNumber, 1 / 3, 0x3555],
  ["float16", float16FromNumber, 2 ** -24, 0x0001],
  ["bfloat16", bfloat16FromNumber, 1, 0x3f80],
  ["bfloat16", bfloat16FromNumber, -2, 0xc000],
  ["bfloat16", bfloat16FromNumber, Math.PI, 0x4049],
] as const)(
  "%s has the well-known bits of %#",
  (_, fromNumber, value, bits) => {
    expect(fromNumber(value)).toBe(bits);
  },
);
