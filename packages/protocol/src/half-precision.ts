/**
 * Numbers of 16 bits, as bits: float16 (IEEE 754 binary16: 5 bits of exponent, 10 of fraction) and bfloat16 (the upper half of a
 * float32: 8 and 7). From bits is exact; to bits rounds once, from the double, to the nearest, ties to the even one.
 * NaN becomes the quiet NaN; the sign of zero stays.
 */

const SIGN = 0x8000;

const FLOAT16_INFINITY = 0x7c00;
const FLOAT16_NAN = 0x7e00;
/** Halfway from the largest float16, 65504, to the next power of two: what rounds to infinity. */
const FLOAT16_OVERFLOW = 65_520;
const FLOAT16_LEAST_NORMAL = 2 ** -14;
const FLOAT16_SUBNORMALS = 2 ** 24;

/** 2^n, exactly, for n from −25 to 24. */
const POWERS = Float64Array.from({ length: 50 }, (_, i) => 2 ** (i - 25));
const powerOfTwo = (n: number): number => POWERS[n + 25]!;

/** A number of this size has no fraction, so adding it rounds to a whole number, ties to even. */
const WHOLE = 2 ** 52;
const roundToEven = (value: number): number => value + WHOLE - WHOLE;

export function float16ToNumber(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const magnitude =
    exponent === 0
      ? fraction / FLOAT16_SUBNORMALS
      : exponent === 31
        ? fraction === 0
          ? Infinity
          : NaN
        : (1024 + fraction) * powerOfTwo(exponent - 25);
  return (bits & SIGN) === 0 ? magnitude : -magnitude;
}

export function float16FromNumber(value: number): number {
  if (value !== value) return FLOAT16_NAN;
  const sign = value < 0 || Object.is(value, -0) ? SIGN : 0;
  const magnitude = Math.abs(value);
  if (magnitude >= FLOAT16_OVERFLOW) return sign | FLOAT16_INFINITY;
  if (magnitude < FLOAT16_LEAST_NORMAL)
    return sign | roundToEven(magnitude * FLOAT16_SUBNORMALS);
  // From 2^-14 to 2^16, times 2^14 it is a whole number of at most 30 bits and a rest: the position of its highest bit.
  const exponent = 17 - Math.clz32(magnitude * 16_384);
  const fraction = roundToEven(magnitude * powerOfTwo(10 - exponent));
  // A fraction that was rounded up to 2048 carries into the exponent.
  return sign | (((exponent + 15) << 10) + fraction - 1024);
}

const BFLOAT16_NAN = 0x7fc0;

const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);

export function bfloat16ToNumber(bits: number): number {
  word[0] = bits << 16;
  return single[0]!;
}

export function bfloat16FromNumber(value: number): number {
  if (value !== value) return BFLOAT16_NAN;
  single[0] = value;
  let bits = word[0]!;
  // A float32 halfway between two bfloat16, and not the value itself: the first rounding must not decide the second.
  if ((bits & 0xffff) === 0x8000)
    bits += Math.sign(Math.abs(value) - Math.abs(single[0]));
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}
