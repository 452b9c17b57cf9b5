import { type Block, lengthOf, type TypedArray } from "@tsmpi/protocol";

/**
 * Columns of a matrix one block behind the other, as Scatterv sends them: with its counts and displacements, in elements. Each
 * rank gets a matrix of all rows with its columns.
 *
 * @param values row by row
 * @param columns of the matrix
 * @param blocks of columns, one a rank, by `blockPartition`
 */
export function packColumns<T extends TypedArray>(
  values: T,
  columns: number,
  blocks: readonly Block[],
): {
  readonly values: T;
  readonly counts: number[];
  readonly displacements: number[];
} {
  const rows = columns === 0 ? 0 : values.length / columns;
  const counts = blocks.map((block) => rows * lengthOf(block));
  let total = 0;
  const displacements = counts.map((count) => (total += count) - count);
  const packed = new (values.constructor as new (length: number) => T)(total);
  let at = 0;
  for (const { start, end } of blocks)
    for (let row = 0; row < rows; row++) {
      const first = row * columns;
      // One kind of array on both sides, which the compiler cannot see.
      packed.set(values.subarray(first + start, first + end) as never, at);
      at += end - start;
    }
  return { values: packed, counts, displacements };
}
