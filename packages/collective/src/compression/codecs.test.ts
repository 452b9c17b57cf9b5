import { bytesOf, MismatchError } from "@tsmpi/protocol";
import type { Codec } from "./codec";
import { plainFunctions } from "./codec-kernels";
import { Compressor } from "./compressor";
import { CODECS, type Compression, compressionNamed } from "./registry";
import { firstDifference } from "../../../../test/support/first-difference";

/** Around the lengths of vectors, blocks and windows. */
const LENGTHS = [0, 1, 3, 4, 7, 8, 9, 255, 256, 257, 8191, 8192, 8193, 20_000];

/** The most that a value may lose. @param largest magnitude of the values that are encoded with it */
const BOUNDS: Readonly<
  Record<Compression, (value: number, largest: number) => number>
> = {
  fp16: (value) => Math.max(Math.abs(value) * 2 ** -11, 2 ** -25),
  bf16: (value) => Math.max(Math.abs(value) * 2 ** -8, 2 ** -134),
  int8: (_, largest) => Math.max((largest / 254) * (1 + 2 ** -15), 2 ** -127),
};

/** The largest unit of which `numbers` stays in the codec's range. */
const LARGEST: Readonly<Record<Compression, number>> = {
  fp16: 32,
  bf16: 1e35,
  int8: 1e35,
};
/** Of that: the last ones are subnormal in every codec. */
const UNITS = [1, 1e-2, 1e-5, 1e-8, 1e-20, 1e-40, 1e-45, 1e-75, 1e-78];

/** 1, and values of which every codec must round some to the even neighbour. */
const WIRES: Readonly<
  Record<Compression, { values: number[]; bytes: number[] }>
> = {
  // 1 + 2^-11 and 1 + 3 · 2^-11 lie halfway; 2^-24 is the least, half of it is 0.
  fp16: {
    values: [1, -2, 1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 ** -24, 2 ** -25, 65_504],
    bytes: [0, 0x3c, 0, 0xc0, 0, 0x3c, 2, 0x3c, 1, 0, 0, 0, 0xff, 0x7b],
  },
  bf16: {
    values: [1, -2, 1 + 2 ** -8, 1 + 3 * 2 ** -8],
    bytes: [0x80, 0x3f, 0, 0xc0, 0x80, 0x3f, 0x82, 0x3f],
  },
  // A scale of 1, and a byte each.
  int8: {
    values: [127, -127, 0.5, 1.5, 2.5, -0.5, -1.5, 0],
    bytes: [0, 0, 0x80, 0x3f, 127, 129, 0, 2, 2, 0, 254, 0],
  },
};

const numberFrom = (state: number): number =>
  (Math.imul(state, 1_103_515_245) + 12_345) | 0;

/** Any bits: infinities, NaN and subnormal numbers are among them. */
function anyBits(length: number): Float32Array {
  const bits = new Int32Array(length);
  for (let i = 0, state = length; i < length; i++)
    bits[i] = state = numberFrom(state);
  return new Float32Array(bits.buffer);
}

/** Of both signs, and of magnitudes that differ much, within and between blocks. */
function numbers(length: number, unit = 1): Float32Array {
  let state = length;
  return Float32Array.from({ length }, (_, i) => {
    state = numberFrom(state);
    return (state / 2 ** 31) * unit * 10 ** ((i >> 8) % 4) * (i % 3 || 0.01);
  });
}

const decoded = (compressor: Compressor, wire: Uint8Array, length: number) => {
  const values = new Float32Array(length);
  compressor.decode(wire, values);
  return values;
};

function expectSameBytes(actual: Uint8Array, expected: Uint8Array): void {
  expect(Buffer.compare(actual, expected)).toBe(0);
}

describe.each(CODECS.map((codec) => [codec.name, codec] as const))(
  "%s",
  (name, codec: Codec) => {
    const compressor = new Compressor(codec);
    const plain = new Compressor(codec, plainFunctions(codec));

    it("makes these bytes of these values", () => {
      const { values, bytes } = WIRES[name];
      const wire = compressor.encode(Float32Array.from(values));
      expect([...wire]).toEqual(bytes);
    });

    it.each(LENGTHS)("has the bytes that it says for %i values", (length) => {
      const wire = compressor.encode(numbers(length));
      expect(wire.byteLength).toBe(codec.wireBytes(length));
    });

    it.each(LENGTHS)(
      "gives the same bits with and without SIMD, %i",
      (length) => {
        for (const values of [anyBits(length), numbers(length)]) {
          const [lost, plainLost] = [numbers(length), numbers(length)];
          const wire = compressor.encode(values, lost);
          expectSameBytes(wire, plain.encode(values, plainLost));
          expectSameBytes(bytesOf(lost), bytesOf(plainLost));
          expect(decoded(compressor, wire, length)).toEqual(
            decoded(plain, wire, length),
          );
          const [left, plainLeft] = [numbers(length), numbers(length)];
          expectSameBytes(
            compressor.encodeSums(values, left),
            plain.encodeSums(values, plainLeft),
          );
          expectSameBytes(bytesOf(left), bytesOf(plainLeft));
          const [sum, plainSum] = [numbers(length), numbers(length)];
          compressor.add(wire, sum);
          plain.add(wire, plainSum);
          expect(firstDifference(sum, plainSum)).toBeNull();
        }
      },
    );

    it.each(UNITS)(
      "loses no more of a value than its bound says, in units of %d",
      (unit) => {
        const values = numbers(3000, unit * LARGEST[name]);
        const result = decoded(compressor, compressor.encode(values), 3000);
        const tooMuch = values.findIndex((value, i) => {
          const start = i - (i % codec.blockLength);
          const block = values.subarray(start, start + codec.blockLength);
          const largest = Math.max(...block.map(Math.abs));
          const lost = Math.abs(value - result[i]!);
          return !(lost <= BOUNDS[name](value, largest));
        });
        expect(tooMuch).toBe(-1);
      },
    );

    it.each(UNITS)(
      "loses nothing of what has been decoded, in units of %d",
      (unit) => {
        const wire = compressor.encode(numbers(3000, unit * LARGEST[name]));
        const values = decoded(compressor, wire, 3000);
        const lost = new Float32Array(3000);
        expectSameBytes(compressor.encode(values, lost), wire);
        expect(lost.every((value) => value === 0)).toBe(true);
      },
    );

    it("says what it has left out, on top of what was left out before", () => {
      const values = numbers(1000);
      const lost = new Float32Array(1000).fill(8);
      const wire = compressor.encode(values, lost);
      const result = decoded(compressor, wire, 1000);
      expect([...lost]).toEqual(
        [...values].map((value, i) =>
          Math.fround(8 + Math.fround(value - result[i]!)),
        ),
      );
    });

    it("sends residuals along, and keeps what is left out then", () => {
      const [values, residuals] = [numbers(1000), numbers(1000, 0.01)];
      const sums = values.map((value, i) => value + residuals[i]!);
      const wire = compressor.encodeSums(values, residuals);
      expectSameBytes(wire, compressor.encode(sums));
      const result = decoded(compressor, wire, 1000);
      expect(residuals).toEqual(sums.map((sum, i) => sum - result[i]!));
    });

    it.each([NaN, Infinity, -Infinity])(
      "lets %d be seen wherever it is, and leaves nothing of it behind",
      (value) => {
        for (let at = 0; at < 300; at++) {
          const values = numbers(300);
          values[at] = value;
          const lost = new Float32Array(300);
          const result = decoded(
            compressor,
            compressor.encode(values, lost),
            300,
          );
          expect(Number.isFinite(result[at])).toBe(false);
          expect(lost.every(Number.isFinite)).toBe(true);
        }
      },
    );

    it("keeps zeros", () => {
      const wire = compressor.encode(new Float32Array(300));
      expect(decoded(compressor, wire, 300).every((v) => v === 0)).toBe(true);
    });

    it("refuses what has another length", () => {
      const wire = compressor.encode(numbers(10));
      expect(() => decoded(compressor, wire, 11)).toThrow(MismatchError);
      expect(() => decoded(compressor, wire, 9)).toThrow(MismatchError);
      expect(() => compressor.add(wire, numbers(9))).toThrow(MismatchError);
    });
  },
);

it("an unknown compression is answered with those there are", () => {
  expect(() => compressionNamed("zip")).toThrow(
    'unknown compression "zip"; there are: none, bf16, fp16, int8',
  );
  expect(() => compressionNamed("fp61")).toThrow('did you mean "fp16"?');
});
