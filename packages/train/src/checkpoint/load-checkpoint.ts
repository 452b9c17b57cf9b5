import type { Position } from "@tsmpi/data";
import { tf } from "@tsmpi/engine";
import { CheckpointError } from "@tsmpi/protocol";
import { MPI } from "@tsmpi/worker";
import type { LayersModel, Optimizer, Tensor } from "@tensorflow/tfjs";
import { setCounters } from "../exchange/counters";
import { assertCompiled } from "./assert-compiled";
import { checkpointAt, checkpointBefore } from "./checkpoint-folder";
import { decodeMetadata, type Metadata } from "./metadata";
import { misfitOf } from "./misfit";
import { restoreState, type StateTensor } from "./optimizer-state";
import { readSafetensors } from "./read-safetensors";
import { DTYPES, type SavedTensor } from "./safetensors";
import { attempt, tellAll, toldByRoot } from "../told";

/** What `loadCheckpoint` found. */
export interface Checkpoint {
  readonly epoch: number;
  readonly step: number;
  readonly extra: unknown;
  /** Of the dataset that it was saved with, for `openDataset(…, { position })`; null: it was saved without one. */
  readonly position: Position | null;
  /** Of the file, on rank 0's machine. */
  readonly path: string;
}

interface Source {
  readonly metadata: Metadata;
  readonly tensors: readonly SavedTensor[];
}

/** A tensor without its values, which follow. */
type Described = Omit<SavedTensor, "values">;

/**
 * Gives model and optimizer the state of a checkpoint, on every rank. Every rank calls it; rank 0 reads the file and
 * broadcasts it. A model that was compiled and distributed alike goes on as if it had never stopped, to the bit, if it has as
 * many ranks; with another number of ranks it goes on with other random streams.
 *
 * @param path a file, or a folder, of which the newest checkpoint is taken
 * @returns null if there is no checkpoint
 * @throws {CheckpointError} on every rank: the file is cut short or damaged, of another model, optimizer or version
 * @throws {ArgumentError} on every rank: the model is not compiled and no optimizer is given
 */
export async function loadCheckpoint(
  path: string,
  {
    model,
    optimizer = model.optimizer,
  }: { readonly model: LayersModel; readonly optimizer?: Optimizer },
): Promise<Checkpoint | null> {
  tellAll(attempt(() => assertCompiled("loadCheckpoint", optimizer)));
  let source: Source | null = null;
  const found = await toldByRoot(async () => {
    const file = await checkpointAt(path);
    if (file === null) return null;
    source = await readCheckpoint(file);
    const tensors = source.tensors.map(
      ({ values: _, ...described }): Described => described,
    );
    return { file, metadata: source.metadata, tensors };
  });
  if (found === null) return null;
  const { file, metadata, tensors } = found;
  assertFits(file, misfitOf(metadata, model, optimizer));
  const received = tensors.map((described, i) =>
    broadcast(described, source?.tensors[i] ?? null),
  );
  const named = tensors.map(({ name }, i) => ({ name, tensor: received[i]! }));
  model.setWeights(
    named
      .filter(({ name }) => name.startsWith("model/"))
      .map(({ tensor }) => tensor),
  );
  const { numbers, counters } = metadata.optimizer;
  restoreState(optimizer, named.flatMap(stateTensor), numbers);
  if (counters !== null) setCounters(optimizer, counters);
  tf.dispose(received);
  const { epoch, step, extra, position = null } = metadata;
  return { epoch, step, extra, position, path: file };
}

/** Raw values, from rank 0. */
function broadcast(
  { dtype, shape }: Described,
  source: SavedTensor | null,
): Tensor {
  const length = shape.reduce((product, extent) => product * extent, 1);
  const values = source?.values ?? new DTYPES[dtype].array(length);
  MPI.COMM_WORLD.Bcast(values);
  return tf.tensor(values, [...shape], dtype);
}

/** @throws {CheckpointError} it is not one, and what to do */
async function readCheckpoint(file: string): Promise<Source> {
  try {
    const { metadata, tensors } = await readSafetensors(file);
    return { metadata: decodeMetadata(metadata), tensors };
  } catch (cause) {
    const older = await checkpointBefore(file);
    const cure =
      older === null
        ? "load another one, or remove it to begin anew"
        : `load the one before, ${older}`;
    throw new CheckpointError(`${file} ${(cause as Error).message}; ${cure}`, {
      cause,
    });
  }
}

/** Every rank calls it. @throws {CheckpointError} on every rank, if it does not fit on one */
function assertFits(file: string, misfit: string | null): void {
  const misfits = MPI.COMM_WORLD.allgather(misfit);
  const rank = misfits.findIndex((one) => one !== null);
  if (rank >= 0)
    throw new CheckpointError(`rank ${rank}: ${file} ${misfits[rank]!}`);
}

/** `optimizer/accBeta1`, `optimizer/accumulatedFirstMoment/3/dense_Dense1/kernel/m` */
function stateTensor({
  name,
  tensor,
}: {
  readonly name: string;
  readonly tensor: Tensor;
}): StateTensor[] {
  const [kind, property, index, ...originalName] = name.split("/");
  if (kind !== "optimizer") return [];
  return [
    {
      property: property!,
      index: index === undefined ? null : Number(index),
      originalName: originalName.join("/"),
      tensor,
    },
  ];
}
