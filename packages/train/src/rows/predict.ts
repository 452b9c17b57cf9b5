import { tf } from "@tsmpi/engine";
import {
  ArgumentError,
  type Dtype,
  dtypeOf,
  type TypedArray,
  viewAs,
  bytesPerElement,
} from "@tsmpi/protocol";
import { type Intracomm, MPI } from "@tsmpi/worker";
import type { LayersModel, Tensor } from "@tensorflow/tfjs";
import { assertAlike, attempt, tellAll } from "../told";
import { rowLayoutOf, rowsOf } from "./tensors";

/** What one rank predicted, for the others: an output each. */
type Outputs = readonly {
  readonly type: Tensor["dtype"];
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}[];

/**
 * Predictions for the rows of all ranks, in rank order: where the rows came from `scatterRows` or `shard`, that is their
 * original order. Every rank calls it with its own rows; a rank may have none. Blocks.
 *
 * @param x this rank's rows, of each input
 * @param root the rank that gets the result, or "all". Default 0
 * @returns a tensor, or one for each output, the caller's to dispose; null on ranks that do not get it
 * @throws {ArgumentError} on every rank: shapes differ, one cannot predict its rows, or nobody has any
 */
export async function predict(
  model: LayersModel,
  x: Tensor | Tensor[],
  options: { readonly batchSize?: number; readonly root: "all" },
): Promise<Tensor | Tensor[]>;
export async function predict(
  model: LayersModel,
  x: Tensor | Tensor[],
  options?: { readonly batchSize?: number; readonly root?: number | "all" },
): Promise<Tensor | Tensor[] | null>;
export async function predict(
  model: LayersModel,
  x: Tensor | Tensor[],
  {
    batchSize,
    root = 0,
  }: { readonly batchSize?: number; readonly root?: number | "all" } = {},
): Promise<Tensor | Tensor[] | null> {
  const comm = MPI.COMM_WORLD;
  if (root !== "all" && !(root in Array.from({ length: comm.size })))
    throw new ArgumentError(
      `predict: root ${root} is not a rank of 0 … ${comm.size - 1}, nor "all"`,
    );
  const all = tellAll(attempt(() => ({ layout: rowLayoutOf(x), root })));
  assertAlike(
    "predict: the ranks have rows of different shapes",
    all.map(({ layout }) => layout),
    "pass rows of the same shape on every rank",
  );
  assertAlike(
    "predict: the ranks pass different roots",
    all.map(({ root }) => `${root}`),
    "pass the same root on every rank",
  );

  const own = attempt(() => predictOwn(model, x, batchSize));
  const tensors = "result" in own ? own.result : [];
  const parts = tellAll(
    "result" in own ? { result: tensors.map(describe) } : own,
  );
  const outputs = parts.find((outputs) => outputs.length > 0);
  if (outputs === undefined)
    throw new ArgumentError("predict: no rank has rows to predict");
  const results = outputs.map((_, i) =>
    collect(comm, root, {
      own: tensors[i]?.dataSync() ?? null,
      parts: parts.map((outputs) => outputs[i] ?? null),
    }),
  );
  tf.dispose(tensors);
  if (results.includes(null)) return null;
  const whole = results as Tensor[];
  return whole.length === 1 ? whole[0]! : whole;
}

function predictOwn(
  model: LayersModel,
  x: Tensor | Tensor[],
  batchSize: number | undefined,
): Tensor[] {
  try {
    return rowsOf(x) === 0 ? [] : [model.predict(x, { batchSize })].flat();
  } catch (error) {
    throw new ArgumentError(`predict: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

const describe = (tensor: Tensor): Outputs[number] => ({
  type: tensor.dtype,
  dtype: dtypeOf(tensor.dataSync())!,
  shape: tensor.shape,
});

/** One output of all ranks, in rank order; null on ranks that do not get it. Raw values, rank by rank. */
function collect(
  comm: Intracomm,
  root: number | "all",
  {
    own,
    parts,
  }: {
    readonly own: TypedArray | null;
    readonly parts: readonly (Outputs[number] | null)[];
  },
): Tensor | null {
  const first = parts.find((part) => part !== null)!;
  const elements = parts.map((part) =>
    (part?.shape ?? [0]).reduce((product, extent) => product * extent, 1),
  );
  const total = elements.reduce((sum, count) => sum + count, 0);
  const receives = root === "all" || comm.rank === root;
  const whole = viewAs(
    first.dtype,
    new ArrayBuffer(receives ? total * bytesPerElement(first.dtype) : 0),
    0,
    receives ? total : 0,
  );
  let start = 0;
  parts.forEach((_, rank) => {
    const place = whole.subarray(start, start + elements[rank]!);
    start += elements[rank]!;
    if (elements[rank] === 0) return;
    if (rank === comm.rank && receives) place.set(own as never);
    if (root === "all") comm.Bcast(place, rank);
    else if (rank === comm.rank && !receives) comm.Send(own, { dest: root });
    else if (rank !== comm.rank && receives) comm.Recv(place, { source: rank });
  });
  if (!receives) return null;
  const rows = parts.reduce((sum, part) => sum + (part?.shape[0] ?? 0), 0);
  return tf.tensor(
    whole as Float32Array,
    [rows, ...first.shape.slice(1)],
    first.type,
  );
}
