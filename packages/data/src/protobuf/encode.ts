import { DataError, dtypeOf } from "@tsmpi/protocol";
import type { Field, Type } from "protobufjs";
import type { DataRecord } from "../records/record";
import { utf8Of } from "../utf8";
import { canBeAbsent } from "./absence";
import { FLOATS, halvesOf, WHOLE_32, WHOLE_64 } from "./kinds";

/** What the library wants of a value; `path` is that of the value within the record. */
type Prepare = (value: unknown, path: string) => unknown;

/** The inverse of `messageDecoder`; fields that are null are not written. A zero of −0 outside of lists becomes 0. */
export function messageEncoder(type: Type): (record: DataRecord) => Uint8Array {
  const prepare = message(type, new Map());
  return (record) =>
    type.encode(prepare(record, "") as Record<string, unknown>).finish();
}

function message(type: Type, made: Map<Type, Prepare>): Prepare {
  const before = made.get(type);
  if (before) return before;
  const fields = new Map<
    string,
    { readonly field: Field; readonly prepare: Prepare }
  >();
  const prepareAll: Prepare = (value, path) => {
    if (!isPlain(value)) throw wrong(path, value, type.name);
    const prepared: Record<string, unknown> = {};
    for (const name in value) {
      const known = fields.get(name);
      const inside = path === "" ? name : `${path}.${name}`;
      if (!known)
        throw new DataError(
          `there is a field ${inside}, and ${type.name} has only ${[...fields.keys()].join(", ")}`,
        );
      const item = value[name];
      if (item !== null && item !== undefined)
        prepared[name] = known.prepare(item, inside);
    }
    for (const [name, { field }] of fields)
      if (!(name in prepared)) checkAbsence(type, field, path);
    checkOneofs(type, prepared, path);
    return prepared;
  };
  made.set(type, prepareAll);
  for (const field of type.fieldsArray)
    fields.set(field.name, { field, prepare: ofField(field, made) });
  return prepareAll;
}

/** Fields without presence are read as 0, or empty, where they are not written; that is not what a record without them means. */
function checkAbsence(type: Type, field: Field, path: string): void {
  if (canBeAbsent(field)) return;
  throw new DataError(
    `${path === "" ? "" : `${path}: `}there is no ${field.name}, which ${type.name} needs${field.required || field.repeated || field.map ? "" : `; make it "optional ${field.type} ${field.name}" in the .proto, or fill it in`}`,
  );
}

function checkOneofs(
  type: Type,
  prepared: Readonly<Record<string, unknown>>,
  path: string,
): void {
  for (const { name, oneof } of type.oneofsArray) {
    const given = oneof.filter((field) => field in prepared);
    if (given.length > 1)
      throw new DataError(
        `${path === "" ? "" : `${path}: `}there are ${given.join(" and ")}, of which ${type.name} has only one at a time (oneof ${name})`,
      );
  }
}

function ofField(field: Field, made: Map<Type, Prepare>): Prepare {
  const prepare = ofValue(field, made);
  if (field.map)
    return (value, path) => {
      if (!isPlain(value)) throw wrong(path, value, "map");
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [
          key,
          prepare(item, `${path}.${key}`),
        ]),
      );
    };
  if (!field.repeated) return prepare;
  const own = (FLOATS.get(field.type) ?? WHOLE_32.get(field.type)?.array)?.name;
  return (value, path) => {
    // Of that very type: there is nothing to check, and nothing to copy.
    if ((value as object).constructor?.name === own) return value;
    if (!Array.isArray(value) && dtypeOf(value) === null)
      throw wrong(path, value, `repeated ${field.type}`);
    return Array.from(value as ArrayLike<unknown>, (item, i) =>
      prepare(item, `${path}[${i}]`),
    );
  };
}

function ofValue(
  { type, resolvedType }: Field,
  made: Map<Type, Prepare>,
): Prepare {
  if (resolvedType && "fieldsArray" in resolvedType)
    return message(resolvedType, made);
  if (resolvedType) return ofEnum(resolvedType.values, type);
  const small = WHOLE_32.get(type);
  if (small)
    return (value, path) => {
      if (
        typeof value === "number" &&
        Number.isInteger(value) &&
        value >= Number(small.min) &&
        value <= Number(small.max)
      )
        return value;
      throw wrong(path, value, type);
    };
  const big = WHOLE_64.get(type);
  if (big)
    return (value, path) => {
      const exact = Number.isSafeInteger(value)
        ? BigInt(value as number)
        : value;
      if (typeof exact === "bigint" && exact >= big.min && exact <= big.max)
        return halvesOf(exact, big.min === 0n);
      throw wrong(path, value, type);
    };
  return ofKind(type);
}

const ofEnum =
  (values: Readonly<Record<string, number>>, type: string): Prepare =>
  (value, path) => {
    if (Number.isInteger(value)) return value;
    const number = typeof value === "string" ? values[value] : undefined;
    if (number !== undefined) return number;
    throw new DataError(
      `field ${path} is ${inWords(value)}, and the values of ${type} are ${Object.keys(values).join(", ")}`,
    );
  };

function ofKind(type: string): Prepare {
  const kind = { bool: "boolean", string: "string" }[type] ?? "number";
  return (value, path) => {
    if (type === "bytes") {
      if (dtypeOf(value) === "uint8") return value;
    } else if (typeof value === kind) {
      if (kind === "string") utf8Of(value as string);
      return value;
    }
    throw wrong(path, value, type);
  };
}

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  !ArrayBuffer.isView(value);

const wrong = (path: string, value: unknown, type: string): DataError =>
  new DataError(
    `${path === "" ? "the record" : `field ${path}`} is ${inWords(value)}, which ${type} cannot hold`,
  );

function inWords(value: unknown): string {
  if (typeof value === "string")
    return JSON.stringify(
      value.length > 40 ? `${value.slice(0, 38)} …` : value,
    );
  return typeof value === "object" && value !== null
    ? `a ${value.constructor.name}`
    : String(value);
}
