import { tf } from "@tsmpi/engine";
import { ArgumentError } from "@tsmpi/protocol";
import type { data, LayersModel, Scalar, Tensor } from "@tensorflow/tfjs";
import { settled, tellAll } from "../told";
import { rowsOf, type Tensors } from "./tensors";
import { trainableOf } from "../trainable";

/** What one rank found on its rows. */
interface Found {
  readonly rows: number;
  readonly values: readonly number[];
}

/**
 * Loss and metrics of a compiled model over the rows of all ranks, weighted by rows: those of one process on all of them. Every
 * rank calls it with its own rows, such as `scatterRows` or `shard` gave it; a rank may have none. Blocks at the end.
 *
 * @param x this rank's rows, or a dataset of `{ xs, ys }`
 * @returns the same on every rank, by name: `{ loss, acc, … }`
 * @throws {ArgumentError} on every rank: one cannot evaluate its rows, or nobody has any
 */
export async function evaluate(
  model: LayersModel,
  x: Tensor | Tensor[],
  y: Tensor | Tensor[],
  options?: { readonly batchSize?: number },
): Promise<Record<string, number>>;
export async function evaluate(
  model: LayersModel,
  dataset: data.Dataset<never>,
): Promise<Record<string, number>>;
export async function evaluate(
  model: LayersModel,
  x: Tensor | Tensor[] | data.Dataset<never>,
  y?: Tensor | Tensor[],
  { batchSize }: { readonly batchSize?: number } = {},
): Promise<Record<string, number>> {
  const found = evaluateOwn(() =>
    "iterator" in x ? onDataset(model, x) : onRows(model, x, y!, batchSize),
  );
  const all = tellAll(await settled(found));
  const rows = all.reduce((sum, found) => sum + found.rows, 0);
  if (rows === 0)
    throw new ArgumentError("evaluate: no rank has rows to evaluate");
  const names = trainableOf(model).getDedupedMetricsNames();
  return Object.fromEntries(
    names.map((name, i) => {
      const sum = all.reduce(
        (sum, found) => sum + found.rows * (found.values[i] ?? 0),
        0,
      );
      return [name, sum / rows];
    }),
  );
}

async function evaluateOwn(body: () => Found | Promise<Found>): Promise<Found> {
  try {
    return await body();
  } catch (cause) {
    throw new ArgumentError(`evaluate: ${(cause as Error).message}`, { cause });
  }
}

function onRows(
  model: LayersModel,
  x: Tensor | Tensor[],
  y: Tensor | Tensor[],
  batchSize: number | undefined,
): Found {
  const rows = rowsOf(x);
  if (rows === 0) return { rows, values: [] };
  return { rows, values: numbersOf(model.evaluate(x, y, { batchSize })) };
}

async function onDataset(
  model: LayersModel,
  dataset: data.Dataset<never>,
): Promise<Found> {
  let rows = 0;
  // tfjs evaluates an iterator as it does a dataset; this one counts.
  const batches = await dataset.iterator();
  const next = batches.next.bind(batches);
  batches.next = async () => {
    const result = await next();
    if (!result.done) rows += rowsOf((result.value as { xs: Tensors }).xs);
    return result;
  };
  const counted = { iterator: () => Promise.resolve(batches) };
  const scalars = await model.evaluateDataset(counted as never, {});
  return { rows, values: rows === 0 ? [] : numbersOf(scalars) };
}

function numbersOf(scalars: Scalar | Scalar[]): number[] {
  const values = [scalars].flat().map((scalar) => scalar.dataSync()[0]!);
  tf.dispose(scalars);
  return values;
}
