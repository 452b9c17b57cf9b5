import { dtypeOf, type TypedArray } from "@tsmpi/protocol";

/**
 * Items on their way to another thread. Fields that all have in common and that are numbers, or typed arrays of one kind and
 * length, travel in one buffer; others as they are.
 */
export interface Packed {
  readonly count: number;
  /** null: the items are no plain objects with the same names; there is one column, of themselves. */
  readonly names: readonly string[] | null;
  readonly columns: readonly PackedColumn[];
}

type PackedColumn =
  | { readonly kind: "numbers"; readonly values: Float64Array }
  | {
      readonly kind: "arrays";
      readonly values: TypedArray;
      readonly length: number;
    }
  | { readonly kind: "list"; readonly values: readonly unknown[] };

/** Copies what it packs: neither thread sees what the other one does to it. */
export function pack(items: readonly unknown[]): Packed {
  const names = commonNames(items);
  const columns =
    names === null
      ? [packColumn(items)]
      : names.map((name) =>
          packColumn(items.map((item) => (item as Fields)[name])),
        );
  return { count: items.length, names, columns };
}

/** For `postMessage`: nothing else refers to these. */
export const buffersOf = ({ columns }: Packed): ArrayBuffer[] =>
  columns.flatMap(({ kind, values }) =>
    kind === "list" ? [] : [values.buffer as ArrayBuffer],
  );

export function unpack({ count, names, columns }: Packed): unknown[] {
  const lists = columns.map((column) => unpackColumn(column, count));
  if (names === null) return lists[0]!;
  const items = new Array<unknown>(count);
  for (let i = 0; i < count; i++) {
    const item: Record<string, unknown> = {};
    for (let column = 0; column < names.length; column++)
      item[names[column]!] = lists[column]![i];
    items[i] = item;
  }
  return items;
}

type Fields = Readonly<Record<string, unknown>>;

/** null: they have not the same names in the same order, or are no plain objects. */
function commonNames(items: readonly unknown[]): readonly string[] | null {
  let names: readonly string[] | null = null;
  for (const item of items) {
    if (typeof item !== "object" || item === null) return null;
    if (Array.isArray(item) || ArrayBuffer.isView(item)) return null;
    const own = Object.keys(item);
    names ??= own;
    if (own.length !== names.length) return null;
    for (let i = 0; i < own.length; i++) if (own[i] !== names[i]) return null;
  }
  return names;
}

function packColumn(list: readonly unknown[]): PackedColumn {
  const [first] = list;
  if (typeof first === "number") {
    if (list.every((value) => typeof value === "number"))
      return { kind: "numbers", values: Float64Array.from(list) };
  } else if (dtypeOf(first) !== null) {
    const { constructor, length } = first as TypedArray;
    const isAlike = list.every(
      (value) =>
        ArrayBuffer.isView(value) &&
        value.constructor === constructor &&
        (value as TypedArray).length === length,
    );
    // A Buffer is a Uint8Array on the other side.
    if (isAlike) return packArrays(list as readonly TypedArray[], length);
  }
  return { kind: "list", values: list.map(alone) };
}

function packArrays(list: readonly TypedArray[], length: number): PackedColumn {
  const Kind = list[0]!.constructor as new (length: number) => TypedArray;
  const values = new (Buffer.isBuffer(list[0]) ? Uint8Array : Kind)(
    list.length * length,
  );
  // One kind of array on both sides, which the compiler cannot see.
  for (let i = 0; i < list.length; i++)
    values.set(list[i] as never, i * length);
  return { kind: "arrays", values, length };
}

/** A view of a part of a buffer would travel with all of it. */
const alone = (value: unknown): unknown =>
  ArrayBuffer.isView(value) && value.byteLength < value.buffer.byteLength
    ? (value as Uint8Array).slice()
    : value;

function unpackColumn(column: PackedColumn, count: number): unknown[] {
  switch (column.kind) {
    case "numbers":
      return Array.from(column.values);
    case "list":
      return column.values as unknown[];
    case "arrays": {
      const { values, length } = column;
      // Each for itself: one that is kept does not keep the others.
      return Array.from({ length: count }, (_, i) =>
        values.slice(i * length, (i + 1) * length),
      );
    }
  }
}
