import { defineCodec } from "../codec";
import { int8Kernels } from "../int8-kernels";

/** Values that share a scale. */
const LENGTH = 256;
const SCALE_BYTES = 4;
/** The scale's inverse stays finite. */
const LEAST_SCALE = 2 ** -126;
/** Of a scale: 16 significant bits, so that its product with any of −127 … 127 is exact in float32. */
const SCALE_MASK = 0xffffff00;

const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);

/** NaN where a value is not finite: of all of its block nothing is known then. */
function scaleOf(largest: number): number {
  if (!(largest < Infinity)) return NaN;
  single[0] = largest / 127;
  word[0]! &= SCALE_MASK;
  return Math.max(single[0], LEAST_SCALE);
}

/** Of at most 127 either way. A number as large as this one has no fraction: ties go to the even one. */
const WHOLE = 1.5 * 2 ** 52;
const roundToEven = (value: number): number => value + WHOLE - WHOLE;

/**
 * Blocks of 256 values: their scale, a float32, and a byte each, `round(value / scale)`. The scale is the block's largest
 * magnitude over 127, cut to 16 significant bits: the error of a value is at most the 254th part of that magnitude, or 2^-127 if
 * that is more. One value that is not finite makes its whole block NaN.
 */
export const int8 = defineCodec({
  name: "int8",
  blockLength: LENGTH,
  wireBytes: (values) => values + SCALE_BYTES * Math.ceil(values / LENGTH),
  encode(values, wire) {
    for (let start = 0, at = 0; start < values.length; start += LENGTH) {
      const block = values.subarray(start, start + LENGTH);
      let largest = 0;
      for (const value of block) largest = Math.max(largest, Math.abs(value));
      const scale = scaleOf(largest);
      const inverse = Math.fround(1 / scale);
      const [scales, bytes] = viewsOf(wire, at, block.length);
      scales[0] = scale;
      block.forEach((value, i) => {
        bytes[i] = roundToEven(Math.fround(value * inverse));
      });
      at += SCALE_BYTES + LENGTH;
    }
  },
  decode(wire, values) {
    for (let start = 0, at = 0; start < values.length; start += LENGTH) {
      const block = values.subarray(start, start + LENGTH);
      const [scales, bytes] = viewsOf(wire, at, block.length);
      const scale = scales[0]!;
      bytes.forEach((byte, i) => (block[i] = byte * scale));
      at += SCALE_BYTES + LENGTH;
    }
  },
  kernels: int8Kernels({
    length: LENGTH,
    scaleBytes: SCALE_BYTES,
    scaleMask: SCALE_MASK,
    leastScale: LEAST_SCALE,
  }),
});

const viewsOf = (
  wire: Uint8Array,
  at: number,
  length: number,
): [scale: Float32Array, bytes: Int8Array] => [
  new Float32Array(wire.buffer, wire.byteOffset + at, 1),
  new Int8Array(wire.buffer, wire.byteOffset + at + SCALE_BYTES, length),
];
