/**
 * The codecs as WebAssembly, in its text format; five functions each, for whole turns of values in a memory of their own:
 *
 *     encode_NAME  (values, wire, turns)        wire := the values, encoded
 *     decode_NAME  (values, wire, turns)        values := what the wire says
 *     add_NAME     (values, wire, turns)        values += what the wire says
 *     carry_NAME   (values, wire, turns, lost)  values += lost, lost := 0
 *     lose_NAME    (values, wire, turns, lost)  lost += values − what the wire says, where that is finite
 *
 * Their bits are those of the codecs' definitions. Assembled when the package is built.
 */
import type { Codec, Take } from "./codec";
import { call, float32 } from "../kernels/text";
import { CODECS } from "./registry";

const FLOAT_BYTES = 4;
const VECTOR_LENGTH = 4;

const at = (pointer: string, offset: number): string =>
  `(v128.load offset=${offset} (local.get $${pointer}))`;
const put = (pointer: string, offset: number, vector: string): string =>
  `(v128.store offset=${offset} (local.get $${pointer}) ${vector})`;

const TAKES = {
  decode: (values, offset) => put("values", offset, values),
  add: (values, offset) =>
    put("values", offset, call("f32x4.add", at("values", offset), values)),
  lose: (values, offset) => `
    (local.set $b ${call("f32x4.sub", at("values", offset), values)})
    ${put(
      "lost",
      offset,
      call(
        "f32x4.add",
        at("lost", offset),
        // The difference of a number and itself is 0 if it is finite, else NaN.
        call(
          "v128.and",
          "(local.get $b)",
          call(
            "f32x4.eq",
            call("f32x4.sub", "(local.get $b)", "(local.get $b)"),
            float32(0),
          ),
        ),
      ),
    )}`,
} as const satisfies Record<string, Take>;

const LOCALS = [
  ...["a", "b", "c", "d", "z", "m", "low", "high"].map((name) => [
    name,
    "v128",
  ]),
  ["i", "i32"],
  ["x", "f32"],
]
  .map(([name, type]) => `(local $${name} ${type})`)
  .join(" ");

function turns(
  name: string,
  { wireBytes, kernels: { length } }: Codec,
  body: string,
): string {
  const advance = (pointer: string, bytes: number): string =>
    `(local.set $${pointer} (i32.add (local.get $${pointer}) (i32.const ${bytes})))`;
  return `
  (func (export "${name}") (param $values i32) (param $wire i32) (param $turns i32) (param $lost i32) ${LOCALS}
    (block $done (loop $next
      (br_if $done (i32.eqz (local.get $turns)))
      ${body}
      ${advance("values", length * FLOAT_BYTES)}
      ${advance("lost", length * FLOAT_BYTES)}
      ${advance("wire", wireBytes(length))}
      ${advance("turns", -1)}
      (br $next))))`;
}

const carry = ({ kernels: { length } }: Codec): string =>
  Array.from({ length: length / VECTOR_LENGTH }, (_, i) => {
    const offset = i * VECTOR_LENGTH * FLOAT_BYTES;
    return [
      put(
        "values",
        offset,
        call("f32x4.add", at("values", offset), at("lost", offset)),
      ),
      put("lost", offset, float32(0)),
    ].join("\n");
  }).join("\n");

const kernelsOf = (codec: Codec): string[] => [
  turns(`carry_${codec.name}`, codec, carry(codec)),
  turns(`encode_${codec.name}`, codec, codec.kernels.encode),
  ...Object.entries<Take>(TAKES).map(([name, take]) =>
    turns(`${name}_${codec.name}`, codec, codec.kernels.decode(take)),
  ),
];

export const codecsSource = (): string => `(module
  (import "codecs" "memory" (memory 1))
  ${CODECS.flatMap(kernelsOf).join("\n")}
)
`;
