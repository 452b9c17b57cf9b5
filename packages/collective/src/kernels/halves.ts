import { call, choose, float32, number32, shift, type Vector } from "./text";

/** How floats of 16 bits are converted, in lanes of 32 bits. Uses the locals `$z` and `$m`. */
export interface Half {
  /** Of bits. */
  readonly widen: (bits: Vector) => Vector;
  /** Of floats in `$z`; rounds to the nearest, ties to even. */
  readonly narrow: Vector;
}

const z = "(local.get $z)";
const isNaN = call("f32x4.ne", z, z);

/** 2^112: by so much the exponents of the two formats are apart. */
const EXPONENT = number32(112 << 23);

export const float16: Half = {
  // Infinity and NaN have the largest exponent in both. Subnormal numbers are whole ones times 2^-24: as subnormal float32 they
  // would be ten times as slow. What is chosen from is computed before what chooses.
  widen: (bits) => {
    const magnitude = call(
      "v128.and",
      `(local.tee $z ${bits})`,
      number32(0x7fff),
    );
    const m = "(local.get $m)";
    return call(
      "v128.or",
      choose(
        call("i32x4.gt_s", number32(0x400), m),
        call(
          "f32x4.mul",
          call("f32x4.convert_i32x4_s", `(local.tee $m ${magnitude})`),
          float32(2 ** -24),
        ),
        call(
          "i32x4.add",
          call("i32x4.add", shift("shl", m, 13), EXPONENT),
          call("v128.and", call("i32x4.gt_s", m, number32(0x7bff)), EXPONENT),
        ),
      ),
      shift("shl", call("v128.and", z, number32(0x8000)), 16),
    );
  },
  narrow: choose(
    isNaN,
    number32(0x7e00),
    call(
      "v128.or",
      call("v128.and", shift("shr_u", z, 16), number32(0x8000)),
      choose(
        call("f32x4.lt", call("f32x4.abs", z), float32(2 ** -14)),
        // The last bit of 0.5 is worth what the last bit of a subnormal float16 is.
        call(
          "i32x4.sub",
          call("f32x4.add", call("f32x4.abs", z), float32(0.5)),
          float32(0.5),
        ),
        // What is too large has a larger exponent than infinity.
        call(
          "i32x4.min_u",
          shift(
            "shr_u",
            call(
              "i32x4.add",
              call(
                "i32x4.add",
                call("f32x4.abs", z),
                call("v128.and", shift("shr_u", z, 13), number32(1)),
              ),
              number32(0xfff - (112 << 23)),
            ),
            13,
          ),
          number32(0x7c00),
        ),
      ),
    ),
  ),
};

export const bfloat16: Half = {
  widen: (bits) => shift("shl", bits, 16),
  narrow: choose(
    isNaN,
    number32(0x7fc0),
    shift(
      "shr_u",
      call(
        "i32x4.add",
        call("i32x4.add", z, number32(0x7fff)),
        call("v128.and", shift("shr_u", z, 16), number32(1)),
      ),
      16,
    ),
  ),
};
