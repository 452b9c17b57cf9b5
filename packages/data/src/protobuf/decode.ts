import { DataError } from "@tsmpi/protocol";
import type { Field, Type } from "protobufjs";
import type { DataRecord, FieldValue } from "../records/record";
import { canBeAbsent } from "./absence";
import {
  bigintOf,
  FLOATS,
  type Halves,
  integerOf,
  WHOLE_32,
  WHOLE_64,
} from "./kinds";
import { loadLibrary } from "./schema";

interface Message {
  readonly [field: string]: unknown;
  /** Fields that the type has not, each with its tag. */
  readonly $unknowns?: readonly Uint8Array[];
}
const OTHER = "another .proto, or another message of it, may be meant";

type Plain = (value: unknown) => FieldValue;

/**
 * Bytes of messages to records, which have all fields of the type: where a message has none, its default, or null for those of
 * which it can be told that they are not there (messages, `optional`, members of a `oneof`). Whole numbers of 64 bits are numbers
 * where a number holds each digit, else bigints; repeated numbers are typed arrays; values of enums are their names, bytes Uint8Array.
 */
export async function messageDecoder(
  type: Type,
): Promise<(bytes: Uint8Array) => DataRecord> {
  const { Reader } = await loadLibrary();
  const plain = plainMessage(type, new Map());
  return (bytes) => {
    // The library reads text from a Buffer several times as fast as from another Uint8Array.
    const reader = Reader.create(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
    );
    reader.discardUnknown = false;
    let message: Message;
    try {
      message = type.decode(reader);
    } catch (cause) {
      throw new DataError(
        `its bytes are no ${type.name}: ${(cause as Error).message}; ${OTHER}`,
        { cause },
      );
    }
    if (
      message.$unknowns &&
      Object.keys(message).every((name) => isEmpty(message[name]))
    )
      throw new DataError(
        `it has nothing of ${type.name}, but fields ${message.$unknowns.map(fieldNumber).join(", ")}, which that has not; ${OTHER}`,
      );
    return plain(message) as DataRecord;
  };
}

const isEmpty = (value: unknown): boolean =>
  typeof value === "object" && Object.keys(value!).length === 0;

const fieldNumber = (bytes: Uint8Array): number => {
  let [number, scale] = [0, 1];
  for (const byte of bytes) {
    number += (byte & 127) * scale;
    if (byte < 128) break;
    scale *= 128;
  }
  return Math.floor(number / 8);
};

/** @param made what there is already of types, which may contain themselves */
function plainMessage(type: Type, made: Map<Type, Plain>): Plain {
  const before = made.get(type);
  if (before) return before;
  const fields: {
    readonly name: string;
    readonly plain: Plain;
    readonly isTold: boolean;
  }[] = [];
  const plain = (value: unknown): DataRecord => {
    const message = value as Message;
    if (message.$unknowns) checkUnknowns(type, message.$unknowns);
    const record: Record<string, FieldValue> = {};
    for (let i = 0; i < fields.length; i++) {
      const { name, plain, isTold } = fields[i]!;
      record[name] =
        isTold && !Object.hasOwn(message, name) ? null : plain(message[name]);
    }
    return record;
  };
  made.set(type, plain);
  for (const field of type.fieldsArray)
    fields.push({
      ...{ name: field.name, plain: plainField(field, made) },
      isTold: canBeAbsent(field) && field.options?.default === undefined,
    });
  return plain;
}

/** A field that the type has, and of which the bytes are of another type. */
function checkUnknowns(type: Type, unknowns: readonly Uint8Array[]): void {
  for (const bytes of unknowns) {
    const field = type.fieldsById[fieldNumber(bytes)];
    if (field)
      throw new DataError(
        `field ${field.name} (number ${field.id}) of ${type.name} is no ${field.type} in the file; ${OTHER}`,
      );
  }
}

function plainField(field: Field, made: Map<Type, Plain>): Plain {
  const value = plainValue(field, made);
  if (field.repeated) return plainList(field.type, value);
  if (!isMap(field)) return value;
  return (entries) =>
    Object.fromEntries(
      Object.entries(entries as object).map(([key, item]) => [
        keyOf(field.keyType, key),
        value(item),
      ]),
    );
}

const isMap = (field: object): field is { readonly keyType: string } =>
  "keyType" in field;

/** Keys of 64 bits are eight characters in protobufjs, one a byte. */
function keyOf(keyType: string, key: string): string {
  const kind = WHOLE_64.get(keyType);
  if (!kind) return key;
  const bytes = Buffer.from(key, "latin1");
  return `${kind.min < 0n ? bytes.readBigInt64LE() : bytes.readBigUInt64LE()}`;
}

function plainList(type: string, value: Plain): Plain {
  const numbers = FLOATS.get(type) ?? WHOLE_32.get(type)?.array;
  if (numbers) return (items) => new numbers(items as number[]);
  const big = WHOLE_64.get(type);
  if (big) return (items) => new big.array((items as Halves[]).map(bigintOf));
  return (items) => (items as unknown[]).map(value);
}

function plainValue(
  { type, resolvedType }: Field,
  made: Map<Type, Plain>,
): Plain {
  if (resolvedType && "fieldsArray" in resolvedType)
    return plainMessage(resolvedType, made);
  if (resolvedType) {
    const { valuesById } = resolvedType;
    // A value without a name stays a number.
    return (value) => valuesById[value as number] ?? (value as number);
  }
  if (WHOLE_64.has(type)) return (value) => integerOf(value as Halves);
  if (type === "bytes") return (value) => Uint8Array.from(value as Uint8Array);
  return (value) => value as FieldValue;
}
