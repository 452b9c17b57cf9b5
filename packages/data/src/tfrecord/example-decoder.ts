import { DataError } from "@tsmpi/protocol";
import type { DataRecord, FieldValue } from "../records/record";
import { exampleReader } from "./example-reader";
import { FeatureNames } from "./feature-names";
import { featureReader, type ReadFeature } from "./feature-readers";
import { int64sOf, floatsOf, valuesOf } from "./lists";
import {
  BYTES_LIST,
  type ExampleSchema,
  FLOAT_LIST,
  INT64_LIST,
} from "./schema";

/** As it lies there: see `tfrecord`. */
const readAny: ReadFeature = (reader, kind, start, end) => {
  if (kind === FLOAT_LIST) return floatsOf(reader, start, end);
  if (kind === INT64_LIST) return int64sOf(reader, start, end);
  if (kind === BYTES_LIST) return valuesOf(reader, start, end);
  return null;
};

/** A record of each example, with a field for each feature. */
export function exampleDecoder({
  features,
}: ExampleSchema): (bytes: Uint8Array) => DataRecord {
  const names = new FeatureNames<ReadFeature | null>((name) => {
    if (features === null) return readAny;
    const spec = Object.hasOwn(features, name) ? features[name]! : null;
    return spec && featureReader(name, spec);
  });
  const wanted = features === null ? [] : Object.keys(features);
  let record: Record<string, FieldValue> = {};
  const read = exampleReader(
    names,
    ({ name, about }, reader, kind, start, end) => {
      const value = about!(reader, kind, start, end);
      if (name !== "__proto__") record[name] = value;
      // An assignment would be to the record's prototype.
      else
        Object.defineProperty(record, name, {
          ...{ value, enumerable: true, writable: true, configurable: true },
        });
    },
  );
  return (bytes) => {
    record = {};
    read(bytes, 0, bytes.length);
    for (const name of wanted)
      if (!Object.hasOwn(record, name)) throw missing(name, bytes);
    return record;
  };
}

/** @param bytes of the example, which does not have this feature */
export function missing(name: string, bytes: Uint8Array): DataError {
  const all = exampleDecoder({ features: null, numbers: {} })(bytes);
  return new DataError(
    `there is no feature ${name}; it has ${Object.keys(all).join(", ")}`,
  );
}
