import type { FeatureNames, Known } from "./feature-names";
import { BYTES_LIST, FLOAT_LIST, INT64_LIST } from "./schema";
import { WireReader } from "./wire-reader";

/** Field 1 of Example, of Features and of an entry of its map, where it is the key; with a length. */
const FIRST = 0x0a;
/** Field 2 of an entry of the map. */
const VALUE = 0x12;

/**
 * A feature of an example, with the list that holds its values: of which kind, 0 for none, and where it begins and ends (exclusive)
 * in the bytes that the reader has.
 */
export type TakeFeature<About> = (
  feature: Known<About>,
  reader: WireReader,
  kind: number,
  start: number,
  end: number,
) => void;

/**
 * Goes through records of tf.train.Example. What TensorFlow writes is gone through once, without a list of anything; the rest of what
 * Protocol Buffers allows (messages in parts, fields that are not known) takes longer.
 *
 * Source: tensorflow/core/example/feature.proto
 */
export function exampleReader<About>(
  names: FeatureNames<About>,
  take: TakeFeature<About>,
): ReadExample {
  const reader = new WireReader();
  return (bytes, start, end) => {
    reader.enter(plain(bytes), start, end);
    names.restart();
    while (reader.at < end) {
      const tag = reader.varint();
      if (tag !== FIRST) reader.skip(tag, end);
      else readFeatures(reader, reader.extent(end), names, take);
    }
  };
}

/** One that is bytes `start` to `end` (exclusive) of these. */
export type ReadExample = (
  bytes: Uint8Array,
  start: number,
  end: number,
) => void;

/** What is cut from a Buffer is one, too, and takes longer. */
const plain = (bytes: Uint8Array): Uint8Array =>
  Buffer.isBuffer(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    : bytes;

function readFeatures<About>(
  reader: WireReader,
  end: number,
  names: FeatureNames<About>,
  take: TakeFeature<About>,
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
    const feature = names.find(reader.bytes, keyStart, keyEnd);
    // One that nobody wants is not looked into.
    if (feature.about !== null)
      readFeature(reader, valueStart, valueEnd, feature, take);
    reader.at = entryEnd;
  }
}

/** A `oneof`: the last kind of list counts, and of one kind all parts. */
function readFeature<About>(
  reader: WireReader,
  from: number,
  to: number,
  feature: Known<About>,
  take: TakeFeature<About>,
): void {
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
  if (parts === null) return take(feature, reader, kind, start, end);
  const whole = plain(Buffer.concat(parts));
  const inParts = new WireReader();
  inParts.enter(whole, 0, whole.length);
  take(feature, inParts, kind, 0, whole.length);
}
