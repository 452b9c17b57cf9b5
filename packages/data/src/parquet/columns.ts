import type { SchemaTree } from "hyparquet" with {
  "resolution-mode": "import",
};
import type { FieldValue } from "../records/record";

type Plain = (value: unknown) => FieldValue;

/** A column's values, or what lies in them. */
interface Kind {
  /** In words: `list<float32>`. */
  readonly type: string;
  /** What the library decodes to what a record holds. Nothing is null. */
  readonly plain: Plain;
  /** The typed array that a list of these becomes if none of them is null. */
  readonly array?: new (values: never) => FieldValue;
}

/** By the node of the file's schema. Source: Parquet's LogicalTypes.md, for lists and maps also as older writers have them. */
export function kindOf(node: SchemaTree): Kind {
  const { element, children } = node;
  const kind = children.length === 0 ? leaf(node) : group(node);
  // A list without the groups that LIST asks for.
  const isBareList =
    element.repetition_type === "REPEATED" && node.path.length > 0;
  return isBareList ? listOf(kind) : kind;
}

function group({ element, children }: SchemaTree): Kind {
  const [inner] = children;
  const meaning = element.converted_type ?? element.logical_type?.type;
  const isOne = children.length === 1;
  if (meaning === "LIST" && isOne && inner!.children.length <= 1)
    // Older writers leave out the group around the elements.
    return inner!.children.length === 0
      ? kindOf(inner!)
      : listOf(kindOf(inner!.children[0]!));
  if (meaning?.startsWith("MAP") && isOne && inner!.children.length === 2)
    return mapOf(kindOf(inner!.children[1]!));
  const fields = children.map((child) => ({
    name: child.element.name,
    ...kindOf(child),
  }));
  return {
    type: `struct<${fields.map(({ name, type }) => `${name}: ${type}`).join(", ")}>`,
    plain: orNull((value) =>
      Object.fromEntries(
        fields.map(({ name, plain }) => [
          name,
          plain((value as Record<string, unknown>)[name]),
        ]),
      ),
    ),
  };
}

const orNull =
  (plain: Plain): Plain =>
  (value) =>
    value === null || value === undefined ? null : plain(value);

const listOf = ({ type, plain, array }: Kind): Kind => ({
  type: `list<${type}>`,
  plain: orNull((value) => {
    const items = value as ArrayLike<unknown>;
    if (array && !hasNull(items)) return new array(items as never);
    return Array.from(items, plain);
  }),
});

function hasNull(items: ArrayLike<unknown>): boolean {
  for (let i = 0; i < items.length; i++)
    if (items[i] === null || items[i] === undefined) return true;
  return false;
}

const mapOf = ({ type, plain }: Kind): Kind => ({
  type: `map<${type}>`,
  plain: orNull((value) =>
    Object.fromEntries(
      Object.entries(value as object).map(([key, item]) => [key, plain(item)]),
    ),
  ),
});

const asIs: Plain = orNull((value) => value as FieldValue);
/** A number where that holds each digit. */
const integer: Plain = orNull((value) => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : (value as bigint);
});
/** The library's bytes are part of a page. */
const other: Plain = (value) =>
  ArrayBuffer.isView(value)
    ? new Uint8Array(value as Uint8Array)
    : typeof value === "bigint"
      ? integer(value)
      : asIs(value);

const PHYSICAL: Readonly<Record<string, Kind>> = {
  INT32: { type: "int32", plain: asIs, array: Int32Array },
  INT64: { type: "int64", plain: integer, array: BigInt64Array },
  FLOAT: { type: "float32", plain: asIs, array: Float32Array },
  DOUBLE: { type: "float64", plain: asIs, array: Float64Array },
  BOOLEAN: { type: "boolean", plain: asIs },
  BYTE_ARRAY: { type: "bytes", plain: other },
  FIXED_LEN_BYTE_ARRAY: { type: "bytes", plain: other },
  INT96: { type: "timestamp", plain: asIs },
};
const LOGICAL: Readonly<Record<string, Kind>> = {
  INT_8: { type: "int8", plain: asIs, array: Int8Array },
  UINT_8: { type: "uint8", plain: asIs, array: Uint8Array },
  INT_16: { type: "int16", plain: asIs, array: Int16Array },
  UINT_16: { type: "uint16", plain: asIs, array: Uint16Array },
  INT_32: PHYSICAL.INT32!,
  UINT_32: { type: "uint32", plain: asIs, array: Uint32Array },
  INT_64: PHYSICAL.INT64!,
  UINT_64: { type: "uint64", plain: integer, array: BigUint64Array },
  FLOAT16: { type: "float16", plain: asIs, array: Float32Array },
  DECIMAL: { type: "decimal", plain: asIs, array: Float64Array },
  UTF8: { type: "text", plain: asIs },
  STRING: { type: "text", plain: asIs },
  NULL: { type: "null", plain: asIs },
};

function leaf({ element }: SchemaTree): Kind {
  const { type, converted_type, logical_type } = element;
  const meaning =
    logical_type?.type === "INTEGER"
      ? `${logical_type.isSigned ? "" : "U"}INT_${logical_type.bitWidth}`
      : (converted_type ?? logical_type?.type);
  if (meaning === undefined) return PHYSICAL[type!]!;
  // What has no place above is told by its name: a date, a uuid, json.
  return (
    LOGICAL[meaning] ?? {
      type: meaning.toLowerCase().replace(/_(millis|micros)$/, ""),
      plain: other,
    }
  );
}
