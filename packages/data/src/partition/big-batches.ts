import { type Block, blockOf } from "@tsmpi/protocol";

/**
 * One rank's part of each big batch: `rows` rows are cut into consecutive batches of `batchSize` rows a rank, and each batch
 * into blocks, one a rank, as `blockPartition` cuts them. The last batch may be smaller; its rows are spread evenly, and ranks for
 * which there are none have a batch less.
 */
export function bigBatches({
  rows,
  batchSize,
  rank,
  size,
}: {
  readonly rows: number;
  readonly batchSize: number;
  readonly rank: number;
  readonly size: number;
}): Block[] {
  const together = batchSize * size;
  const blocks: Block[] = [];
  for (let first = 0; first < rows; first += together) {
    const here = Math.min(together, rows - first);
    const { start, end } = blockOf(here, size, rank);
    if (end > start) blocks.push({ start: first + start, end: first + end });
  }
  return blocks;
}
