import { createHash } from "node:crypto";
import { tf } from "tsmpi";

/** Deterministic numbers in [-1, 1): the same in every process and on every machine. */
export function numbers(name: string, length: number): Float32Array {
  const values = new Float32Array(length);
  for (let i = 0; i < length; i += 8) {
    const digest = createHash("sha256").update(`${name} ${i}`).digest();
    for (let j = 0; j < 8 && i + j < length; j++)
      values[i + j] = digest.readInt32LE(4 * j) / 2 ** 31;
  }
  return values;
}

/** The same as a tensor. */
export const floats = (name: string, shape: number[]) =>
  tf.tensor(
    numbers(
      name,
      shape.reduce((product, extent) => product * extent, 1),
    ),
    shape,
  );
