import { type Dataset, type Position, uniteRecords } from "@tsmpi/data";
import { MPI } from "@tsmpi/worker";

/**
 * How far all ranks together are with a dataset: plain data, with which `openDataset(…, { position })` goes on with exactly the
 * records that none of them has had, on as many ranks as there are then. Every rank calls it; blocks. `saveCheckpoint` does so for
 * the dataset that it is given.
 *
 * Where ranks are in different epochs it is the earliest of them.
 */
export function jointPosition(dataset: Dataset<unknown>): Position {
  const { source } = dataset;
  const { epoch: own, seed } = source.position;
  const comm = MPI.COMM_WORLD;
  const epoch = comm.allreduce(own, MPI.MIN);
  const seen = comm.allgather(source.positionIn(epoch)?.seen ?? {});
  return { epoch, seed, seen: uniteRecords(...seen) };
}
