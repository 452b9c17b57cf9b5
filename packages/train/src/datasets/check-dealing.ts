import { checkPartition } from "@tsmpi/data";
import { ArgumentError } from "@tsmpi/protocol";
import { MPI } from "@tsmpi/worker";
import type { Mode } from "./mode";
import type { OpenDatasetOptions } from "./open-dataset";

/**
 * Whether mode, partition and remainder fit each other. A world of one, which has all records, is told as well.
 *
 * @throws {ArgumentError} they do not, or the partition makes no sense for so many ranks
 * @throws {UnknownNameError} there is no such partition
 */
export function checkDealing(
  { name, partitions, otherwise }: Mode,
  { partition, remainder = "uneven", quality }: OpenDatasetOptions,
): void {
  const { size } = MPI.COMM_WORLD;
  if (remainder === "pad" && quality?.key !== undefined)
    throw new ArgumentError(
      `openDataset: remainder "pad" gives some records twice, and quality.key would find their keys again; use "uneven" or "drop"`,
    );
  if (partition !== undefined) {
    checkPartition(partition, { size, remainder });
    if (!partitions.includes(partition.by))
      throw new ArgumentError(
        `openDataset: mode "${name}" takes ${partitions.length === 0 ? "no partition" : `a partition by ${partitions.join(" or ")} and not by ${partition.by}`}, ${otherwise}`,
      );
  }
  if (remainder !== "uneven" && partitions.length === 0)
    throw new ArgumentError(
      `openDataset: mode "${name}" takes no remainder "${remainder}", since it does not make ranks equal; mode "scatter" does`,
    );
}
