import { ArgumentError } from "@tsmpi/protocol";
import { MPI } from "@tsmpi/worker";
import type { LayersModel, Tensor } from "@tensorflow/tfjs";

type FitInput = Parameters<LayersModel["fit"]>[0];
type FitArguments = Parameters<LayersModel["fit"]>[2];

/**
 * Every rank must make the same number of steps: each step averages the gradients of all.
 *
 * @throws {ArgumentError} on every rank, with each rank's rows and batches
 */
export function assertSameSteps(x: FitInput, args: FitArguments): void {
  const batchSize = args?.batchSize ?? 32;
  const rows = Math.floor(rowsOf(x) * (1 - (args?.validationSplit ?? 0)));
  const steps = Math.ceil(rows / batchSize);
  const all = MPI.COMM_WORLD.allgather({ rows, batchSize, steps });
  if (all.every((rank) => rank.steps === steps)) return;
  const counts = all.map(
    (other, rank) =>
      `rank ${rank}: ${other.rows} rows in ${other.steps} batches of ${other.batchSize}`,
  );
  throw new ArgumentError(
    `fit would make another number of steps on different ranks (${counts.join("; ")}); scatter the rows evenly, or choose a batch size that gives the same number of batches`,
  );
}

const rowsOf = (x: FitInput): number => firstTensor(x)?.shape[0] ?? 0;

const firstTensor = (x: FitInput): Tensor | undefined =>
  "shape" in x ? (x as Tensor) : Object.values(x)[0];
