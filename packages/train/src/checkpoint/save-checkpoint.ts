import type { Dataset } from "@tsmpi/data";
import {
  ArgumentError,
  checkArgument,
  CheckpointError,
  whole,
} from "@tsmpi/protocol";
import type { LayersModel, Optimizer, Tensor } from "@tensorflow/tfjs";
import { jointPosition } from "../datasets/joint-position";
import { countersOf } from "../exchange/counters";
import { exchangeOf } from "../optimizer";
import { assertCompiled } from "./assert-compiled";
import { addCheckpoint } from "./checkpoint-folder";
import { lostInJson } from "./lost-in-json";
import { encodeMetadata } from "./metadata";
import { describeWeights } from "./misfit";
import { numbersOf, stateOf } from "./optimizer-state";
import {
  encodeSafetensors,
  type SavedDtype,
  type SavedTensor,
} from "./safetensors";
import { attempt, tellAll, toldByRoot } from "../told";

/** What `saveCheckpoint` takes. */
export interface CheckpointContent {
  readonly model: LayersModel;
  /** Default: the one that the model is compiled with. */
  readonly optimizer?: Optimizer;
  /** Epochs that are done: what a resumed `fit` takes as `initialEpoch`. */
  readonly epoch: number;
  /** Steps that are done, for a loop of your own. Default 0. */
  readonly step?: number;
  /** Of which the checkpoint keeps how far all ranks are, also in the middle of an epoch: `openDataset(…, { position })`. */
  readonly dataset?: Dataset<unknown>;
  /** Whatever else the program must know, as JSON has it. */
  readonly extra?: unknown;
  /** How many checkpoints stay in the folder. Default 3. */
  readonly keep?: number;
}

/**
 * Saves what a training needs to go on as if it had never stopped: weights, all of the optimizer's state, and how far its
 * random streams are. Every rank calls it; rank 0 writes `folder/checkpoint-00000001.safetensors`, the next number each time,
 * under a temporary name first, with a checksum. Waits until it is on the disk.
 *
 * @returns the path of the file, on every rank
 * @throws {CheckpointError} on every rank, if it cannot be written
 * @throws {ArgumentError} on every rank: an argument is wrong, the model is not compiled, or gradients are being accumulated
 */
export async function saveCheckpoint(
  folder: string,
  {
    model,
    optimizer = model.optimizer,
    epoch,
    step = 0,
    dataset,
    extra = null,
    keep = 3,
  }: CheckpointContent,
): Promise<string> {
  tellAll(
    attempt(() => {
      assertCompiled("saveCheckpoint", optimizer);
      assertSavable({ epoch, step, extra, keep });
      assertUpdated(optimizer);
    }),
  );
  const position = dataset === undefined ? null : jointPosition(dataset);
  return toldByRoot(async () => {
    const content = encodeSafetensors({
      metadata: encodeMetadata({
        ...{ epoch, step, extra, position },
        ...describeWeights(model),
        optimizer: {
          className: optimizer.getClassName(),
          config: optimizer.getConfig(),
          numbers: numbersOf(optimizer),
          counters: countersOf(optimizer),
        },
      }),
      tensors: [...weightsOf(model), ...slotsOf(optimizer)],
    });
    try {
      return await addCheckpoint(folder, content, keep);
    } catch (cause) {
      throw new CheckpointError(
        `cannot write a checkpoint into ${folder}: ${(cause as Error).message}`,
        { cause },
      );
    }
  });
}

function assertSavable({
  epoch,
  step,
  extra,
  keep,
}: Required<Pick<CheckpointContent, "epoch" | "step" | "extra" | "keep">>) {
  for (const [name, value, least] of [
    ["epoch", epoch, 0],
    ["step", step, 0],
    ["keep", keep, 1],
  ] as const)
    checkArgument("saveCheckpoint", name, value, whole(least));
  const lost = lostInJson(extra, "extra");
  if (lost !== null)
    throw new ArgumentError(
      `saveCheckpoint: ${lost}, which JSON does not keep; make it numbers, text, lists or plain objects`,
    );
}

/** Gradients that no update has had yet are each rank's own. */
function assertUpdated(optimizer: Optimizer): void {
  if (exchangeOf(optimizer)?.isAccumulating)
    throw new ArgumentError(
      "saveCheckpoint: gradients are being accumulated, and would be lost; save behind the update that they are for",
    );
}

const weightsOf = (model: LayersModel): SavedTensor[] =>
  model
    .getWeights()
    .map((tensor, i) =>
      saved(`model/${i}/${model.weights[i]!.originalName}`, tensor),
    );

const slotsOf = (optimizer: Optimizer): SavedTensor[] =>
  stateOf(optimizer).map(({ property, index, originalName, tensor }) =>
    saved(
      index === null
        ? `optimizer/${property}`
        : `optimizer/${property}/${index}/${originalName}`,
      tensor,
    ),
  );

const saved = (name: string, tensor: Tensor): SavedTensor => ({
  name,
  dtype: tensor.dtype as SavedDtype,
  shape: tensor.shape,
  values: tensor.dataSync<SavedDtype>(),
});
