import { type Block, blockOf } from "@tsmpi/protocol";

/**
 * Cuts `rows` rows into consecutive blocks, one a rank, in rank order. A remainder is spread one row a rank, lowest ranks
 * first; with fewer rows than ranks the last ranks get none.
 */
export const blockPartition = (rows: number, size: number): Block[] =>
  Array.from({ length: size }, (_, rank) => blockOf(rows, size, rank));
