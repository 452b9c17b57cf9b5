/**
 * The reductions as WebAssembly, in its text format. For every op and dtype that SIMD has instructions for one function,
 *
 *     (func $SUM_float32 (param $target i32) (param $lower i32) (param $higher i32) (param $bytes i32))
 *
 * which does `target[i] = op(lower[i], higher[i])` in the memory that it is given; `target` may be one of the two. And for every
 * float one that divides by a number of ranks. Their bits are those of reduce-kernels.ts. Assembled when the package is built.
 */
import { DTYPES, type Dtype } from "@tsmpi/protocol";
import { bfloat16, float16, type Half } from "./halves";
import { call, choose, float32, type Vector } from "./text";

const x = "(local.get $x)";
const y = "(local.get $y)";
const z = "(local.get $z)";

/** How numbers of one dtype lie in vectors. */
interface Lanes {
  readonly bytes: 1 | 2 | 4 | 8;
  /** Prefix of the instructions for them. */
  readonly shape: "i8x16" | "i16x8" | "i32x4" | "i64x2" | "f32x4" | "f64x2";
  /** Of instructions that tell signed integers from unsigned ones; none for floats. */
  readonly sign?: "_s" | "_u";
  /** Numbers of 16 bits are floats of 32 while they are computed with. */
  readonly half?: Half;
}

const LANES: Readonly<Record<Dtype, Lanes>> = {
  int8: { bytes: 1, shape: "i8x16", sign: "_s" },
  uint8: { bytes: 1, shape: "i8x16", sign: "_u" },
  int16: { bytes: 2, shape: "i16x8", sign: "_s" },
  uint16: { bytes: 2, shape: "i16x8", sign: "_u" },
  int32: { bytes: 4, shape: "i32x4", sign: "_s" },
  uint32: { bytes: 4, shape: "i32x4", sign: "_u" },
  float32: { bytes: 4, shape: "f32x4" },
  float64: { bytes: 8, shape: "f64x2" },
  bigint64: { bytes: 8, shape: "i64x2", sign: "_s" },
  biguint64: { bytes: 8, shape: "i64x2", sign: "_u" },
  float16: { bytes: 2, shape: "f32x4", half: float16 },
  bfloat16: { bytes: 2, shape: "f32x4", half: bfloat16 },
};

/** What an op does to the lanes of `$x` and `$y`, the lower rank's first; null where it is not defined. */
type OnLanes = (lanes: Lanes) => Vector | null;

const integers =
  (instruction: string): OnLanes =>
  ({ sign }) =>
    sign === undefined ? null : call(instruction, x, y);

function multiply({ shape }: Lanes): Vector {
  if (shape !== "i8x16") return call(`${shape}.mul`, x, y);
  // The low bytes of products 16 bits wide.
  return call(
    `i8x16.shuffle ${Array.from({ length: 16 }, (_, i) => 2 * i).join(" ")}`,
    call("i16x8.extmul_low_i8x16_u", x, y),
    call("i16x8.extmul_high_i8x16_u", x, y),
  );
}

/** As in reduce-ops.ts: NaN wins, and of two zeros the first. */
const choice =
  (of: "min" | "max"): OnLanes =>
  (lanes) => {
    const { shape, sign } = lanes;
    if (sign === undefined) {
      const wins = call(`${shape}.${of === "min" ? "lt" : "gt"}`, y, x);
      return choose(call("v128.or", wins, call(`${shape}.ne`, y, y)), y, x);
    }
    if (shape !== "i64x2") return call(`${shape}.${of}${sign}`, x, y);
    const [a, b] = [x, y].map((vector) =>
      sign === "_s" ? vector : call("v128.xor", vector, SIGN_BITS_64),
    ) as [Vector, Vector];
    return choose(
      call("i64x2.lt_s", ...(of === "min" ? [b, a] : [a, b])),
      y,
      x,
    );
  };

const SIGN_BITS_64: Vector = `(v128.const i64x2 ${"0x8000000000000000 ".repeat(2)})`;

const OPS = {
  SUM: ({ shape }) => call(`${shape}.add`, x, y),
  PROD: multiply,
  MIN: choice("min"),
  MAX: choice("max"),
  BAND: integers("v128.and"),
  BOR: integers("v128.or"),
  BXOR: integers("v128.xor"),
} as const satisfies Readonly<Record<string, OnLanes>>;

/** Floats in `$x` by the number in `$divisor`. */
const divided: OnLanes = ({ shape, sign }) => {
  if (sign !== undefined) return null;
  const divisor =
    shape === "f64x2"
      ? "(f64.promote_f32 (local.get $divisor))"
      : "(local.get $divisor)";
  return call(`${shape}.div`, x, call(`${shape}.splat`, divisor));
};

/** Statements that leave in `$z` what `result` makes of the vectors in the other locals. */
function compute(
  { half }: Lanes,
  result: Vector,
  loaded: readonly ("a" | "b")[],
): string {
  const locals = { a: "$x", b: "$y" } as const;
  if (half === undefined)
    return [
      ...loaded.map(
        (name) => `(local.set ${locals[name]} (local.get $${name}))`,
      ),
      `(local.set $z ${result})`,
    ].join("\n");
  const part = (which: "low" | "high"): string =>
    [
      ...loaded.map(
        (name) =>
          `(local.set ${locals[name]} ${half.widen(
            call(`i32x4.extend_${which}_i16x8_u`, `(local.get $${name})`),
          )})`,
      ),
      `(local.set $z ${result})`,
      `(local.set $${which} ${half.narrow})`,
    ].join("\n");
  return `${part("low")} ${part("high")}
    (local.set $z (i16x8.narrow_i32x4_u (local.get $low) (local.get $high)))`;
}

/** Turns of the loop over vectors are this long. */
const TURN_VECTORS = 4;
const VECTOR_BYTES = 16;

interface Kernel {
  readonly name: string;
  readonly lanes: Lanes;
  readonly result: Vector;
  /** Parameters that are read from, by the vector that is read. */
  readonly sources: Readonly<Partial<Record<"a" | "b", string>>>;
  readonly parameters: string;
  /** What is gathered of the vectors in `$z`, in a vector that begins with zeros, and what the function returns of it. */
  readonly watch?: {
    readonly local: string;
    readonly each: Vector;
    readonly result: string;
  };
}

/** Turns of several vectors, then vectors, then numbers one by one: each of these fills a vector. */
function kernel({
  name,
  lanes,
  result,
  sources,
  parameters,
  watch,
}: Kernel): string {
  const { bytes } = lanes;
  const gather = watch ? `(local.set ${watch.local} ${watch.each})` : "";
  const names = Object.keys(sources) as ("a" | "b")[];
  const load = (instruction: string, offset: number): string =>
    names
      .map(
        (vector) =>
          `(local.set $${vector} (${instruction} offset=${offset} (local.get $${sources[vector]})))`,
      )
      .join("\n");
  const oneVector = (offset: number): string => `
    ${load("v128.load", offset)}
    ${compute(lanes, result, names)}
    ${gather}
    (v128.store offset=${offset} (local.get $target) (local.get $z))`;
  const oneNumber = `
    ${load(`v128.load${8 * bytes}_splat`, 0)}
    ${compute(lanes, result, names)}
    ${gather}
    (v128.store${8 * bytes}_lane 0 (local.get $target) (local.get $z))`;
  const pointers = [...new Set(["target", ...Object.values(sources)])];
  const loop = (step: number, body: string): string => `
    (block $done (loop $next
      (br_if $done (i32.lt_u (local.get $bytes) (i32.const ${step})))
      ${body}
      ${pointers
        .map(
          (pointer) =>
            `(local.set $${pointer} (i32.add (local.get $${pointer}) (i32.const ${step})))`,
        )
        .join("\n")}
      (local.set $bytes (i32.sub (local.get $bytes) (i32.const ${step})))
      (br $next)))`;
  return `
  (func (export "${name}") ${parameters}
    (local $a v128) (local $b v128) (local $x v128) (local $y v128) (local $z v128) (local $m v128) (local $low v128) (local $high v128)
    ${watch ? `(local ${watch.local} v128)` : ""}
    ${loop(
      TURN_VECTORS * VECTOR_BYTES,
      Array.from({ length: TURN_VECTORS }, (_, i) =>
        oneVector(i * VECTOR_BYTES),
      ).join("\n"),
    )}
    ${loop(VECTOR_BYTES, oneVector(0))}
    ${loop(bytes, oneNumber)}
    ${watch?.result ?? ""})`;
}

const pointers = (...names: readonly string[]): string =>
  names.map((name) => `(param $${name} i32)`).join(" ");

function kernelsOf(dtype: Dtype): string[] {
  const lanes = LANES[dtype];
  const reductions = Object.entries<OnLanes>(OPS).map(([op, onLanes]) => ({
    name: `${op}_${dtype}`,
    result: onLanes(lanes),
    sources: { a: "lower", b: "higher" },
    parameters: pointers("target", "lower", "higher", "bytes"),
  }));
  const division = {
    name: `divide_${dtype}`,
    result: divided(lanes),
    sources: { a: "target" },
    parameters: `${pointers("target", "bytes")} (param $divisor f32)`,
  };
  return [...reductions, division].flatMap(({ result, ...rest }) =>
    result === null ? [] : [kernel({ lanes, result, ...rest })],
  );
}

const FINITE = "$finite";

/** `target[i] *= factor` of float32, and whether all of that is finite: a NaN or an infinity, times 0, stays in every sum. */
const scaling = (): string =>
  kernel({
    name: "scale_float32",
    lanes: LANES.float32,
    result: call("f32x4.mul", x, "(f32x4.splat (local.get $factor))"),
    sources: { a: "target" },
    parameters: `${pointers("target", "bytes")} (param $factor f32) (result i32)`,
    watch: {
      local: FINITE,
      each: call(
        "f32x4.add",
        `(local.get ${FINITE})`,
        call("f32x4.mul", z, float32(0)),
      ),
      result: call(
        "i32x4.all_true",
        call("f32x4.eq", `(local.get ${FINITE})`, `(local.get ${FINITE})`),
      ),
    },
  });

/** A memory of more pages than this there is not. */
const MOST_PAGES = 65_536;

export const kernelsSource = (): string => `(module
  (import "arena" "memory" (memory 1 ${MOST_PAGES} shared))
  (func (export "copy") (param $target i32) (param $source i32) (param $bytes i32)
    (memory.copy (local.get $target) (local.get $source) (local.get $bytes)))
  ${DTYPES.flatMap(kernelsOf).join("\n")}
  ${scaling()}
)
`;
