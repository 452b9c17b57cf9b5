import { createHash } from "node:crypto";
import { tf } from "@tsmpi/engine";
import { LayoutError } from "@tsmpi/protocol";
import { type Intracomm, MPI } from "@tsmpi/worker";
import type { LayersModel } from "@tensorflow/tfjs";
import { assertSameLayout, type VariableLayout } from "./exchange/layout";

/**
 * Gives every rank the weights of rank 0. Every rank calls it. Blocks.
 *
 * @throws {LayoutError} on every rank, if their models differ
 */
export function broadcastWeights(comm: Intracomm, model: LayersModel): void {
  assertSameLayout(comm, "models", layoutOfModel(model));
  const tensors = model.getWeights();
  const shared = MPI.Alloc_mem(
    Float32Array,
    tensors.reduce((sum, { size }) => sum + size, 0),
  );
  try {
    if (comm.rank === 0) copyInto(shared, model);
    comm.Bcast(shared);
    if (comm.rank === 0) return;
    let start = 0;
    const received = tensors.map(({ shape, size }) => {
      const values = shared.slice(start, (start += size));
      return tf.tensor(values, shape, "float32");
    });
    model.setWeights(received);
    tf.dispose(received);
  } finally {
    MPI.Free_mem(shared);
  }
}

/** sha256 over the little-endian float32 bytes of `model.getWeights()`, in order; as hex. Equal on all ranks of a sound run. */
export function weightsSha256(model: LayersModel): string {
  const hash = createHash("sha256");
  for (const tensor of model.getWeights())
    hash.update(new Uint8Array(Float32Array.from(tensor.dataSync()).buffer));
  return hash.digest("hex");
}

/** @throws {LayoutError} a weight is not float32 */
export const layoutOfModel = (model: LayersModel): VariableLayout[] =>
  model.weights.map(layoutOf);

function copyInto(target: Float32Array, model: LayersModel): void {
  let start = 0;
  for (const tensor of model.getWeights()) {
    target.set(tensor.dataSync(), start);
    start += tensor.size;
  }
}

function layoutOf({
  originalName,
  dtype,
  shape,
}: LayersModel["weights"][number]) {
  const name = originalName;
  if (dtype !== "float32")
    throw new LayoutError(
      `weight ${name} is ${dtype}: only float32 models can be distributed`,
    );
  return { name, dtype, shape: shape as number[] };
}
