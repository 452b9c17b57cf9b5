import { DataError, type TypedArray } from "@tsmpi/protocol";
import type { FieldValue } from "./record";

/** Values with their shape, row by row: what a tensor is made of. The first axis counts the items. */
export interface Column<Values = TypedArray> {
  readonly values: Values;
  readonly shape: readonly number[];
}

/**
 * What `batch` makes of items of this type: of numbers and arrays of numbers a column, of an object an object of columns, of
 * anything else a list.
 */
export type Batch<T> = T extends number
  ? Column<Float64Array>
  : T extends boolean
    ? Column<Uint8Array>
    : T extends bigint
      ? Column<BigInt64Array>
      : T extends TypedArray
        ? Column<T>
        : T extends Column<infer Values>
          ? Column<Values>
          : T extends readonly number[]
            ? Column<Float64Array>
            : T extends readonly unknown[] | string | null
              ? readonly T[]
              : T extends object
                ? { readonly [Name in keyof T]: Batch<T[Name]> }
                : unknown;

/** Of one item, for errors. */
export type PlaceOf = (i: number) => string;

/**
 * Puts items that are alike together. Numbers become Float64, booleans 0 and 1 in bytes, bigints BigInt64 (where it holds them), a typed array keeps its
 * type: each with its shape, the number of items first. So do `{ values, shape }`, and arrays of numbers, also nested. Objects are
 * put together field by field; strings, and whatever else, into a list.
 *
 * @throws {DataError} items that are not alike: says which, and in what; a bigint of more than 64 bits
 */
export function collate(items: readonly unknown[], placeOf: PlaceOf): unknown {
  return collateField(items, "", placeOf);
}

/** One field of them. @param name for errors */
export function collateField(
  items: readonly unknown[],
  name: string,
  placeOf: PlaceOf,
): unknown {
  const first = items[0];
  const differs = (i: number, wanted: string): never => {
    throw new DataError(
      `batch: ${name === "" ? "an item" : `"${name}"`} is ${inWords(items[i])} in ${placeOf(i)}, and ${wanted} in ${placeOf(0)}; items of a batch must be alike: make them so with map, or leave some out with filter`,
    );
  };
  switch (typeof first) {
    case "number":
      return scalars(items, new Float64Array(items.length), differs);
    case "bigint":
      return bigints(items, name, differs, placeOf);
    case "boolean":
      return scalars(items, new Uint8Array(items.length), differs);
    case "object":
      return first === null
        ? items
        : objects(items, first, name, differs, placeOf);
    case "string":
    case "undefined":
    case "function":
    case "symbol":
      return items;
  }
}

type Differs = (i: number, wanted: string) => never;

function objects(
  items: readonly unknown[],
  first: object,
  name: string,
  differs: Differs,
  placeOf: PlaceOf,
): unknown {
  if (ArrayBuffer.isView(first)) return arrays(items as TypedArray[], differs);
  if (Array.isArray(first)) return lists(items, differs);
  if (isColumn(first)) return columns(items, first, differs);
  const names = Object.keys(first);
  items.forEach((item, i) => {
    if (
      typeof item !== "object" ||
      item === null ||
      Object.keys(item).length !== names.length
    )
      differs(i, inWords(first));
  });
  return Object.fromEntries(
    names.map((field) => [
      field,
      collateField(
        items.map((item, i) =>
          field in (item as object)
            ? (item as Record<string, unknown>)[field]
            : differs(i, inWords(first)),
        ),
        name === "" ? field : `${name}.${field}`,
        placeOf,
      ),
    ]),
  );
}

function scalars<T extends Float64Array | Uint8Array>(
  items: readonly unknown[],
  values: T,
  differs: Differs,
): Column<T> {
  const kind = typeof items[0];
  for (let i = 0; i < items.length; i++) {
    if (typeof items[i] !== kind) differs(i, `a ${kind}`);
    values[i] = items[i] as never;
  }
  return { values, shape: [items.length] };
}

/** @throws {DataError} one that 64 bits with a sign do not hold: the array would keep its lower bits alone */
function bigints(
  items: readonly unknown[],
  name: string,
  differs: Differs,
  placeOf: PlaceOf,
): Column<BigInt64Array> {
  const values = new BigInt64Array(items.length);
  items.forEach((item, i) => {
    if (typeof item !== "bigint") return differs(i, "a bigint");
    values[i] = item;
    if (values[i] !== item)
      throw new DataError(
        `batch: ${name === "" ? "an item" : `"${name}"`} is ${item} in ${placeOf(i)}, and int64 holds -2^63 to 2^63 - 1; make it a number (which rounds), text, or BigUint64Array.of(it), with map`,
      );
  });
  return { values, shape: [items.length] };
}

function arrays(items: readonly TypedArray[], differs: Differs): Column {
  const { length, constructor } = items[0]!;
  const values = new (constructor as new (length: number) => TypedArray)(
    items.length * length,
  );
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    if (item?.constructor !== constructor || item.length !== length)
      differs(i, inWords(items[0]));
    // One kind of array on both sides, which the compiler cannot see.
    values.set(item as never, i * length);
  }
  return { values, shape: [items.length, length] };
}

const isColumn = (value: object): value is Column =>
  "values" in value && "shape" in value && ArrayBuffer.isView(value.values);

function columns(
  items: readonly unknown[],
  first: Column,
  differs: Differs,
): Column {
  const shape = String(first.shape);
  items.forEach((item, i) => {
    const { values, shape: own } = (item ?? {}) as Partial<Column>;
    if (values === undefined || String(own) !== shape)
      differs(i, inWords(first));
  });
  const { values } = arrays(
    items.map((item) => (item as Column).values),
    differs,
  );
  return { values, shape: [items.length, ...first.shape] };
}

/** Arrays of numbers, also nested, become a column; others stay as they are. */
function lists(items: readonly unknown[], differs: Differs): unknown {
  const shape = shapeOf(items[0] as readonly FieldValue[]);
  if (shape === null) return items;
  const values = new Float64Array(
    items.length * shape.reduce((product, extent) => product * extent, 1),
  );
  let at = 0;
  const put = (value: unknown, depth: number): boolean => {
    if (depth === shape.length) {
      if (typeof value !== "number") return false;
      values[at++] = value;
      return true;
    }
    return (
      Array.isArray(value) &&
      value.length === shape[depth] &&
      value.every((inside) => put(inside, depth + 1))
    );
  };
  items.forEach((item, i) => {
    if (!put(item, 0)) differs(i, inWords(items[0]));
  });
  return { values, shape: [items.length, ...shape] };
}

/** null: it does not hold numbers. */
function shapeOf(list: readonly unknown[]): number[] | null {
  const [first] = list;
  if (typeof first === "number") return [list.length];
  const inside = Array.isArray(first) ? shapeOf(first) : null;
  return inside && [list.length, ...inside];
}

function inWords(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (ArrayBuffer.isView(value))
    return `a ${value.constructor.name} of ${(value as TypedArray).length}`;
  if (Array.isArray(value))
    return `a list of ${(shapeOf(value) ?? [value.length]).join(" × ")}`;
  if (typeof value !== "object") return `a ${typeof value}`;
  if (isColumn(value)) return `values of shape [${value.shape.join(", ")}]`;
  return `an object of {${Object.keys(value).join(", ")}}`;
}
