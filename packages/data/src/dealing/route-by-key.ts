import { type Catalogue, formatIn } from "../catalogue/catalogue";
import type { Key } from "../partition/routers";
import { keyOf } from "../quality/checks";
import { recordDecoder } from "../records/decode";
import type { DataRecord, FieldValue } from "../records/record";
import { recordError } from "../records/record-error";
import type { RouteByKey } from "./deal";

/** @param field is in each record, else it throws a `DataError` with the record's place */
export async function routeByKey(
  catalogue: Catalogue,
  field: string,
): Promise<RouteByKey> {
  const decode = await recordDecoder(formatIn(catalogue), catalogue.schema);
  return ({ file, records }, index, router) => {
    const { path } = catalogue.files[file]!;
    let record: DataRecord;
    try {
      record = decode(records, index, path);
    } catch {
      return 0;
    }
    try {
      return router(keyIn(record, field));
    } catch (cause) {
      throw recordError(path, { record: records.first + index }, cause);
    }
  };
}

function keyIn(record: DataRecord, field: string): Key {
  const value = record[field];
  if (value === undefined || value === null)
    throw new Error(
      `it has no "${field}" by which it could be dealt to a rank; its fields are ${Object.keys(record).join(", ")}`,
    );
  return plain(value);
}

/** An array of one is its element, as formats differ in that; other arrays, lists and objects are equal where all in them is. */
function plain(value: FieldValue): Key {
  if (typeof value !== "object" || value === null) return value ?? "null";
  const list = value as readonly FieldValue[];
  return list.length === 1 ? plain(list[0]!) : keyOf(value);
}
