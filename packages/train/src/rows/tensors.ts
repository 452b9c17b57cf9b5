import type { Tensor } from "@tensorflow/tfjs";

/** One tensor, or those of several inputs or outputs: in a list, or by name. */
export type Tensors = Tensor | Tensor[] | { [name: string]: Tensor };

/** All tensors in one list. */
export const listOf = (tensors: Tensors): Tensor[] =>
  isTensor(tensors) ? [tensors] : Object.values(tensors);

/** What `change` makes of each tensor, in the same structure. */
export function mapTensors<T extends Tensors>(
  tensors: T,
  change: (tensor: Tensor) => Tensor,
): T {
  if (isTensor(tensors)) return change(tensors) as T;
  if (Array.isArray(tensors)) return tensors.map(change) as Tensors as T;
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, change(tensor)]),
  ) as T;
}

/** Of the first one: the first axis counts rows. */
export const rowsOf = (tensors: Tensors): number =>
  listOf(tensors)[0]?.shape[0] ?? 0;

/** Type and shape of a row of each tensor, as text: what ranks must have alike. */
export const rowLayoutOf = (tensors: Tensors): string =>
  Object.entries(isTensor(tensors) ? [tensors] : tensors)
    .map(([name, { dtype, shape }]) => {
      const row = ["n", ...shape.slice(1)].join(", ");
      return isTensor(tensors)
        ? `${dtype}[${row}]`
        : `${name} ${dtype}[${row}]`;
    })
    .join(", ");

const isTensor = (tensors: Tensors): tensors is Tensor => "dataId" in tensors;
