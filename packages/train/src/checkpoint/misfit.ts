import type { LayersModel, Optimizer } from "@tensorflow/tfjs";
import {
  describeVariable,
  differenceOf,
  type VariableLayout,
} from "../exchange/layout";
import { layoutOfModel } from "../weights";
import type { Metadata } from "./metadata";

type Weights = Pick<Metadata, "layout" | "trained">;

/** What a checkpoint says of a model's weights. */
export function describeWeights(model: LayersModel): Weights {
  const layout = layoutOfModel(model).map((one, i) => ({
    ...one,
    id: model.weights[i]!.id,
  }));
  layout.sort((a, b) => a.id - b.id);
  const ids = layout.map(({ id }) => id);
  return {
    layout: layout.map(({ id: _, ...one }) => one),
    trained: model.trainableWeights.map(({ id }) => ids.indexOf(id)),
  };
}

/** Why a model and its optimizer cannot go on from a checkpoint, and what to do, to go behind the file's name; null if they can. */
export function misfitOf(
  { layout, trained, optimizer: { className } }: Metadata,
  model: LayersModel,
  optimizer: Optimizer,
): string | null {
  const { layout: own, trained: ownTrained } = describeWeights(model);
  const at = differenceOf(layout, own);
  if (at !== null) {
    const describe = (of: readonly VariableLayout[]) =>
      at < of.length ? describeVariable(of[at]!) : "nothing";
    return `is of another model: its weight ${at} is ${describe(layout)} (of ${layout.length}), this model's is ${describe(own)} (of ${own.length}); build the model that it was saved from, or load another checkpoint`;
  }
  if (className !== optimizer.getClassName())
    return `is of another optimizer: it was trained with ${className}, this model is compiled with ${optimizer.getClassName()}; compile with ${className}, or load another checkpoint`;
  // The optimizer keeps its state by position among these.
  if (trained.join() !== ownTrained.join())
    return `is of a model with other layers frozen: it trained weights ${trained.join(", ")}, this model trains ${ownTrained.join(", ")}; set trainable as it was, compile, load, and change it behind that`;
  return null;
}
