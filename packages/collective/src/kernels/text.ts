// Pieces of WebAssembly text.

/** In the text of an expression: a vector of lanes. */
export type Vector = string;

export const call = (
  instruction: string,
  ...operands: readonly string[]
): string => `(${instruction} ${operands.join(" ")})`;
export const number32 = (value: number): Vector =>
  `(v128.const i32x4 ${`${value} `.repeat(4)})`;
export const float32 = (value: number): Vector =>
  `(v128.const f32x4 ${`${value} `.repeat(4)})`;
export const shift = (
  direction: "shl" | "shr_u",
  vector: Vector,
  bits: number,
): Vector => call(`i32x4.${direction}`, vector, `(i32.const ${bits})`);
export const choose = (mask: Vector, yes: Vector, no: Vector): Vector =>
  call("v128.bitselect", yes, no, mask);
