import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { tf } from "@tsmpi/engine";
import { ArgumentError } from "@tsmpi/protocol";
import { MPI } from "@tsmpi/worker";
import type { LayersModel, Optimizer, Tensor } from "@tensorflow/tfjs";
import { setCounters } from "../counters";
import { describeVariable, differenceOf, type VariableLayout } from "../layout";
import { layoutOfModel } from "../weights";
import { checkpointAt, checkpointsIn } from "./checkpoint-folder";
import { decodeMetadata, type Metadata } from "./metadata";
import { restoreState, type StateTensor } from "./optimizer-state";
import {
  decodeSafetensors,
  DTYPES,
  type Saved,
  type SavedTensor,
} from "./safetensors";
import { toldByRoot } from "./told-by-root";

/** What `loadCheckpoint` found. */
export interface Checkpoint {
  readonly epoch: number;
  readonly step: number;
  readonly extra: unknown;
  /** Of the file, on rank 0's machine. */
  readonly path: string;
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
 * @throws {ArgumentError} the model is not compiled and no optimizer is given
 */
export async function loadCheckpoint(
  path: string,
  {
    model,
    optimizer = model.optimizer,
  }: { readonly model: LayersModel; readonly optimizer?: Optimizer },
): Promise<Checkpoint | null> {
  if (!optimizer)
    throw new ArgumentError(
      "loadCheckpoint: the model is not compiled; compile it first, or pass the optimizer",
    );
  let source: Saved | null = null;
  const found = await toldByRoot(async () => {
    const file = await checkpointAt(path);
    if (file === null) return null;
    try {
      source = decodeSafetensors(await readFile(file));
      const metadata = decodeMetadata(source.metadata);
      assertFits(metadata, model, optimizer);
      const tensors = source.tensors.map(
        ({ values: _, ...described }): Described => described,
      );
      return { file, metadata, tensors };
    } catch (cause) {
      const advice = await adviceFor(file);
      throw new Error(`${file} ${(cause as Error).message}; ${advice}`, {
        cause,
      });
    }
  });
  if (found === null) return null;
  const { file, metadata, tensors } = found;
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
  const { epoch, step, extra } = metadata;
  return { epoch, step, extra, path: file };
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

/** @throws {Error} whose message says why not, to go behind the file's name */
function assertFits(
  { layout, optimizer: { className } }: Metadata,
  model: LayersModel,
  optimizer: Optimizer,
): void {
  const own = layoutOfModel(model);
  const at = differenceOf(layout, own);
  if (at !== null) {
    const describe = (of: readonly VariableLayout[]) =>
      at < of.length ? describeVariable(of[at]!) : "nothing";
    throw new Error(
      `is of another model: its weight ${at} is ${describe(layout)} (of ${layout.length}), this model's is ${describe(own)} (of ${own.length})`,
    );
  }
  if (className !== optimizer.getClassName())
    throw new Error(
      `is of another optimizer: it was trained with ${className}, this model is compiled with ${optimizer.getClassName()}`,
    );
}

async function adviceFor(file: string): Promise<string> {
  const all = await checkpointsIn(dirname(file));
  const older = all[all.indexOf(file) - 1];
  return older === undefined
    ? "build and compile the model that it was saved from, or remove the file to begin anew"
    : `build and compile the model that it was saved from, or load the one before, ${older}`;
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
