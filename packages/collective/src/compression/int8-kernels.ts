import { call, number32, type Vector } from "../kernels/text";
import type { CodecKernels, Take } from "./codec";

/** What the wire of int8 looks like; its definition tells. */
interface Layout {
  readonly length: number;
  readonly scaleBytes: number;
  readonly scaleMask: number;
  readonly leastScale: number;
}

/** A turn is a block. */
export const int8Kernels = (layout: Layout): CodecKernels => ({
  length: layout.length,
  encode: encodeText(layout),
  decode: (take) => decodeText(layout, take),
});

/** Bytes of float32 in a vector, and in as many vectors as fill one of int8. */
const VECTOR = 16;
const GROUP = 4 * VECTOR;

const places = (bytes: number, step: number): number[] =>
  Array.from({ length: bytes / step }, (_, i) => i * step);

function encodeText({
  length,
  scaleBytes,
  scaleMask,
  leastScale,
}: Layout): string {
  const load = (offset: number): string =>
    `(v128.load offset=${offset} (local.get $values))`;
  const locals = ["$a", "$b", "$c", "$d"] as const;
  // Magnitudes compare like the integers that their bits are; NaN is larger than infinity.
  const largest = (vector: string, other: string): string =>
    `(local.set ${vector} ${call("i32x4.max_u", `(local.get ${vector})`, other)})`;
  const lane = (i: number): string =>
    call(`i32x4.extract_lane ${i}`, "(local.get $a)");
  const larger = (other: string): string => `
    (local.set $i (select (local.get $i) ${other} (i32.gt_u (local.get $i) ${other})))`;
  const quantized = (offset: number): string =>
    call(
      "i32x4.trunc_sat_f32x4_s",
      call("f32x4.nearest", call("f32x4.mul", load(offset), "(local.get $z)")),
    );
  return `
    ${locals.map((local) => `(local.set ${local} ${number32(0)})`).join("\n")}
    ${places(4 * length, GROUP)
      .flatMap((group) =>
        locals.map((local, i) =>
          largest(
            local,
            call("v128.and", load(group + i * VECTOR), number32(0x7fffffff)),
          ),
        ),
      )
      .join("\n")}
    ${largest("$a", "(local.get $b)")}
    ${largest("$c", "(local.get $d)")}
    ${largest("$a", "(local.get $c)")}
    (local.set $i ${lane(0)})
    ${[1, 2, 3].map((i) => larger(lane(i))).join("\n")}
    (local.set $x (f32.max
      (f32.const ${leastScale})
      (f32.reinterpret_i32 (i32.and
        (i32.reinterpret_f32 (f32.div (f32.reinterpret_i32 (local.get $i)) (f32.const 127)))
        (i32.const ${scaleMask})))))
    (if (i32.ge_u (local.get $i) (i32.const 0x7f800000)) (then (local.set $x (f32.const nan))))
    (f32.store (local.get $wire) (local.get $x))
    (local.set $z (f32x4.splat (f32.div (f32.const 1) (local.get $x))))
    ${places(length, VECTOR)
      .map(
        (at) => `
    (v128.store offset=${scaleBytes + at} (local.get $wire) (i8x16.narrow_i16x8_s
      (i16x8.narrow_i32x4_s ${quantized(4 * at)} ${quantized(4 * at + VECTOR)})
      (i16x8.narrow_i32x4_s ${quantized(4 * at + 2 * VECTOR)} ${quantized(4 * at + 3 * VECTOR)})))`,
      )
      .join("\n")}`;
}

function decodeText({ length, scaleBytes }: Layout, take: Take): string {
  const numbers = (which: "low" | "high", from: string): Vector =>
    call(
      "f32x4.mul",
      call(
        "f32x4.convert_i32x4_s",
        call(`i32x4.extend_${which}_i16x8_s`, from),
      ),
      "(local.get $z)",
    );
  const [low, high] = ["(local.get $low)", "(local.get $high)"] as const;
  return `
    (local.set $z (v128.load32_splat (local.get $wire)))
    ${places(length, VECTOR)
      .map(
        (at) => `
    (local.set $a (v128.load offset=${scaleBytes + at} (local.get $wire)))
    (local.set $low (i16x8.extend_low_i8x16_s (local.get $a)))
    (local.set $high (i16x8.extend_high_i8x16_s (local.get $a)))
    ${take(numbers("low", low), 4 * at)}
    ${take(numbers("high", low), 4 * at + VECTOR)}
    ${take(numbers("low", high), 4 * at + 2 * VECTOR)}
    ${take(numbers("high", high), 4 * at + 3 * VECTOR)}`,
      )
      .join("\n")}`;
}
