import type { Column } from "@tsmpi/data";
import { tf } from "@tsmpi/engine";
import { ArgumentError, DataError } from "@tsmpi/protocol";
import type { Tensor } from "@tensorflow/tfjs";

type Tensors = Tensor | { readonly [name: string]: Tensor };

/**
 * What `fitDataset` trains on, of a batch with `xs` and `ys`: columns, or objects of columns for models with several inputs or
 * outputs. A column of one number a row becomes [rows, 1], as `fit` has it. 32-bit and 64-bit integers become int32, everything
 * else float32.
 *
 * @throws {ArgumentError} it is no such batch
 * @throws {DataError} an integer that int32 does not hold
 */
export function asTensors(item: unknown): { xs: Tensors; ys?: Tensors } {
  const { xs, ys } = (item ?? {}) as { xs?: unknown; ys?: unknown };
  if (xs === undefined)
    throw new ArgumentError(
      `fitDataset takes batches of { xs, ys }, and this dataset gives ${inWords(item)}; say which fields these are, and put records together: dataset.select({ xs: "image", ys: "label" }).batch(64)`,
    );
  return ys === undefined
    ? { xs: tensorsOf("xs", xs) }
    : { xs: tensorsOf("xs", xs), ys: tensorsOf("ys", ys) };
}

function tensorsOf(name: string, value: unknown): Tensors {
  if (isColumn(value)) return tensorOf(name, value);
  const fields = Object.entries((value ?? {}) as Record<string, unknown>);
  if (fields.length === 0 || !fields.every(([, field]) => isColumn(field)))
    throw new ArgumentError(
      `fitDataset: "${name}" of a batch is ${inWords(value)} where columns of numbers are needed; put records together with batch(…), and leave out fields that hold no numbers`,
    );
  return Object.fromEntries(
    fields.map(([field, column]) => [
      field,
      tensorOf(`${name}.${field}`, column as Column),
    ]),
  );
}

function tensorOf(name: string, { values, shape }: Column): Tensor {
  const at = shape.length === 1 ? [...shape, 1] : [...shape];
  if (values instanceof Int32Array)
    return tf.tensor(Int32Array.from(values), at, "int32");
  if (
    values instanceof BigInt64Array ||
    values instanceof BigUint64Array ||
    values instanceof Uint32Array
  )
    return tf.tensor(asInt32(name, values, shape), at, "int32");
  const floats =
    values instanceof Float32Array ? values : Float32Array.from(values);
  return tf.tensor(floats, at, "float32");
}

/** TensorFlow.js has no longer integers. */
function asInt32(
  name: string,
  values: BigInt64Array | BigUint64Array | Uint32Array,
  [rows = 1]: readonly number[],
): Int32Array {
  const integers = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    integers[i] = value;
    if (integers[i] !== value)
      throw new DataError(
        `fitDataset: "${name}" holds ${values[i]} (row ${Math.floor((i * rows) / values.length)} of the batch), and an integer of TensorFlow.js is of 32 bits, -2147483648 to 2147483647; make it smaller, or a float with Float32Array.from(values, Number), which rounds, in map; or leave the field out`,
      );
  }
  return integers;
}

const isColumn = (value: unknown): value is Column =>
  typeof value === "object" &&
  value !== null &&
  "values" in value &&
  "shape" in value &&
  ArrayBuffer.isView(value.values);

function inWords(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value !== "object" || value === null) return String(value);
  return `an object of {${Object.keys(value).join(", ")}}`;
}
