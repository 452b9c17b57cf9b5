import type { DataRecord, FieldValue } from "@tsmpi/data";

/** Names of fields in which every one of these records has an array of one value, or null. */
export function singleFields(records: readonly DataRecord[]): string[] {
  const names = new Set(records.flatMap((record) => Object.keys(record)));
  return [...names].filter((name) =>
    records.every((record) => {
      const value = record[name];
      return value === undefined || value === null || lengthOf(value) === 1;
    }),
  );
}

const lengthOf = (value: FieldValue): number =>
  Array.isArray(value) || ArrayBuffer.isView(value)
    ? (value as readonly FieldValue[]).length
    : -1;

/**
 * Records as people write them: an array of one is its value, in fields that are so throughout; integers of 64 bits are numbers, or
 * text where a number would round them; bytes are text where they are UTF-8, else in base64.
 *
 * @param singles by `singleFields`
 */
export function plainRecords(
  singles: readonly string[],
): (record: DataRecord) => DataRecord {
  const isSingle = new Set(singles);
  return (record) =>
    Object.fromEntries(
      Object.entries(record).map(([name, value]) => [
        name,
        isSingle.has(name) && lengthOf(value) === 1
          ? plain((value as readonly FieldValue[])[0]!)
          : plain(value),
      ]),
    );
}

function plain(value: FieldValue): FieldValue {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return textOf(value);
  if (value instanceof BigInt64Array || value instanceof BigUint64Array)
    return Array.from(value, plain);
  if (ArrayBuffer.isView(value)) return Array.from(value as ArrayLike<number>);
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(
    Object.entries(value).map(([name, inside]) => [name, plain(inside)]),
  );
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return Buffer.from(bytes).toString("base64");
  }
}
