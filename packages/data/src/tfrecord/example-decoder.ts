import { DataError } from "@tsmpi/protocol";
import type { DataRecord, FieldValue } from "../records/record";
import { FeatureNames } from "./feature-names";
import { featureReader, type ReadFeature } from "./feature-readers";
import { int64sOf, floatsOf, valuesOf } from "./lists";
import {
  BYTES_LIST,
  type ExampleSchema,
  FLOAT_LIST,
  INT64_LIST,
} from "./schema";
import { WireReader } from "./wire-reader";

/** Field 1 of Example, of Features and of an entry of its map, where it is the key; with a length. */
const FIRST = 0x0a;
/** Field 2 of an entry of the map. */
const VALUE = 0x12;

/** As it lies there: see `tfrecord`. */
const readAny: ReadFeature = (reader, kind, start, end) => {
  if (kind === FLOAT_LIST) return floatsOf(reader, start, end);
  if (kind === INT64_LIST) return int64sOf(reader, start, end);
  if (kind === BYTES_LIST) return valuesOf(reader, start, end);
  return null;
};

/**
 * Records of tf.train.Example. What TensorFlow writes is gone through once, without a list of anything; the rest of what Protocol
 * Buffers allows (numbers that are not packed, messages in parts, fields that are not known) takes longer.
 *
 * Source: tensorflow/core/example/feature.proto
 */
export function exampleDecoder({
  features,
}: ExampleSchema): (bytes: Uint8Array) => DataRecord {
  const names = new FeatureNames<ReadFeature | null>((name) => {
    if (features === null) return readAny;
    const spec = Object.hasOwn(features, name) ? features[name]! : null;
    return spec && featureReader(name, spec);
  });
  const wanted = features === null ? [] : Object.keys(features);
  const reader = new WireReader();
  return (bytes) => {
    // Of a plain array: what is cut from a Buffer is one, too, and takes longer.
    reader.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    reader.at = 0;
    names.restart();
    const record: Record<string, FieldValue> = {};
    while (reader.at < bytes.length) {
      const tag = reader.varint();
      if (tag !== FIRST) reader.skip(tag, bytes.length);
      else readFeatures(reader, reader.extent(bytes.length), names, record);
    }
    for (const name of wanted)
      if (!Object.hasOwn(record, name))
        throw new DataError(
          `there is no feature ${name}; it has ${Object.keys(exampleDecoder({ features: null, numbers: {} })(bytes)).join(", ")}`,
        );
    return record;
  };
}

function readFeatures(
  reader: WireReader,
  end: number,
  names: FeatureNames<ReadFeature | null>,
  record: Record<string, FieldValue>,
): void {
  while (reader.at < end) {
    const tag = reader.varint();
    if (tag !== FIRST) {
      reader.skip(tag, end);
      continue;
    }
    const entryEnd = reader.extent(end);
    let keyStart = 0;
    let keyEnd = 0;
    let valueStart = 0;
    let valueEnd = 0;
    while (reader.at < entryEnd) {
      const field = reader.varint();
      if (field !== FIRST && field !== VALUE) {
        reader.skip(field, entryEnd);
        continue;
      }
      const to = reader.extent(entryEnd);
      if (field === FIRST) {
        keyStart = reader.at;
        keyEnd = to;
      } else {
        valueStart = reader.at;
        valueEnd = to;
      }
      reader.at = to;
    }
    const { name, about: read } = names.find(reader.bytes, keyStart, keyEnd);
    if (read !== null) {
      const value = readFeature(reader, valueStart, valueEnd, read);
      if (name !== "__proto__") record[name] = value;
      // An assignment would be to the record's prototype.
      else
        Object.defineProperty(record, name, {
          ...{ value, enumerable: true, writable: true, configurable: true },
        });
    }
    reader.at = entryEnd;
  }
}

/** A `oneof`: the last kind of list counts, and of one kind all parts. */
function readFeature(
  reader: WireReader,
  from: number,
  to: number,
  read: ReadFeature,
): FieldValue {
  let kind = 0;
  let start = 0;
  let end = 0;
  let parts: Uint8Array[] | null = null;
  reader.at = from;
  while (reader.at < to) {
    const tag = reader.varint();
    if (tag !== FLOAT_LIST && tag !== INT64_LIST && tag !== BYTES_LIST) {
      reader.skip(tag, to);
      continue;
    }
    const listEnd = reader.extent(to);
    if (tag !== kind) parts = null;
    else {
      parts ??= [reader.bytes.subarray(start, end)];
      parts.push(reader.bytes.subarray(reader.at, listEnd));
    }
    kind = tag;
    start = reader.at;
    reader.at = end = listEnd;
  }
  if (parts === null) return read(reader, kind, start, end);
  const { bytes } = reader;
  try {
    reader.bytes = Buffer.concat(parts);
    return read(reader, kind, 0, reader.bytes.length);
  } finally {
    reader.bytes = bytes;
  }
}
