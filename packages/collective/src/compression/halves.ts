import { call } from "../kernels/text";
import type { Half } from "../kernels/halves";
import { type Codec, defineCodec } from "./codec";

/** Values of a vector of halves. */
const LENGTH = 8;
const VECTOR_BYTES = 16;

/** A codec to numbers of 16 bits, one behind the other. */
export const defineHalf = <Name extends string>({
  name,
  fromNumber,
  toNumber,
  half: { narrow, widen },
}: {
  readonly name: Name;
  /** To bits, to the nearest, ties to even. */
  readonly fromNumber: (value: number) => number;
  readonly toNumber: (bits: number) => number;
  readonly half: Half;
}): Codec<Name> =>
  defineCodec({
    name,
    blockLength: 1,
    wireBytes: (values) => 2 * values,
    encode(values, wire) {
      const halves = halvesOf(wire, values.length);
      for (let i = 0; i < values.length; i++)
        halves[i] = fromNumber(values[i]!);
    },
    decode(wire, values) {
      const halves = halvesOf(wire, values.length);
      for (let i = 0; i < values.length; i++) values[i] = toNumber(halves[i]!);
    },
    kernels: {
      length: LENGTH,
      encode: `
        (local.set $z (v128.load (local.get $values)))
        (local.set $low ${narrow})
        (local.set $z (v128.load offset=${VECTOR_BYTES} (local.get $values)))
        (local.set $high ${narrow})
        (v128.store (local.get $wire) (i16x8.narrow_i32x4_u (local.get $low) (local.get $high)))`,
      decode: (take) => `
        (local.set $a (v128.load (local.get $wire)))
        ${take(widen(call("i32x4.extend_low_i16x8_u", "(local.get $a)")), 0)}
        ${take(widen(call("i32x4.extend_high_i16x8_u", "(local.get $a)")), VECTOR_BYTES)}`,
    },
  });

const halvesOf = (wire: Uint8Array, length: number): Uint16Array =>
  new Uint16Array(wire.buffer, wire.byteOffset, length);
