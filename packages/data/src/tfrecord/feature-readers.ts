import { ArgumentError, DataError } from "@tsmpi/protocol";
import type { FeatureDtype, FeatureSpec, FeatureSpecs } from "../feature-spec";
import type { FieldValue } from "../records/record";
import {
  floatsInto,
  floatsOf,
  int32sInto,
  int32sOf,
  int64sOf,
  valuesOf,
} from "./lists";
import { BYTES_LIST, FLOAT_LIST, INT64_LIST, LIST_NAMES } from "./schema";
import type { WireReader } from "./wire-reader";

/** What becomes of a feature's list. `kind` 0: it has none. */
export type ReadFeature = (
  reader: WireReader,
  kind: number,
  start: number,
  end: number,
) => FieldValue;

interface Way {
  /** The list that holds it. */
  readonly kind: number;
  readonly read: (
    reader: WireReader,
    start: number,
    end: number,
  ) => ArrayLike<FieldValue> & FieldValue;
}

const text = new TextDecoder();

const WAYS: Readonly<Record<FeatureDtype, Way>> = {
  float32: { kind: FLOAT_LIST, read: floatsOf },
  int32: { kind: INT64_LIST, read: int32sOf },
  int64: { kind: INT64_LIST, read: int64sOf },
  bytes: { kind: BYTES_LIST, read: valuesOf },
  string: {
    kind: BYTES_LIST,
    read: (...list) => valuesOf(...list).map((bytes) => text.decode(bytes)),
  },
  uint8: {
    kind: BYTES_LIST,
    read(...list) {
      const values = valuesOf(...list);
      if (values.length !== 1)
        throw new DataError(
          `its bytes_list has ${values.length} values, and dtype uint8 is the bytes of one`,
        );
      return values[0]!;
    },
  },
};

const oneInteger = new Int32Array(1);
const placeOfInteger = {
  ...{ values: oneInteger, at: 0, count: 1, areFinite: null },
};
const oneFloat = new Float32Array(1);
const placeOfFloat = {
  ...{ values: new Uint8Array(oneFloat.buffer), at: 0, areFinite: null },
  count: oneFloat.byteLength,
};

/** Of single numbers, without a list of one. null: there is not one, or it has more bits. */
const SINGLE: Partial<
  Record<
    FeatureDtype,
    (reader: WireReader, start: number, end: number) => number | null
  >
> = {
  float32: (reader, start, end) =>
    floatsInto(reader, start, end, placeOfFloat) ? oneFloat[0]! : null,
  int32: (reader, start, end) =>
    int32sInto(reader, start, end, placeOfInteger) ? oneInteger[0]! : null,
};

/** Reads a feature of which the user has said what it is. */
export function featureReader(
  name: string,
  { dtype, shape }: FeatureSpec,
): ReadFeature {
  const { kind: wanted, read } = WAYS[dtype];
  const [row, isOpen] = [
    shape.reduce((product, length) => product * Math.abs(length), 1),
    shape[0] === -1,
  ];
  const fail = (what: string): DataError =>
    new DataError(
      `feature ${name} is to be ${dtype} [${shape.join(", ")}], and ${what}`,
    );
  const single = shape.length === 0 ? SINGLE[dtype] : undefined;
  return (reader, kind, start, end) => {
    if (kind === wanted && single !== undefined) {
      const value = single(reader, start, end);
      if (value !== null) return value;
    }
    if (kind !== wanted)
      throw fail(
        kind === 0 ? "there is none of it" : `lies in a ${LIST_NAMES[kind]}`,
      );
    const values = read(reader, start, end);
    const { length } = values;
    if (isOpen ? length % row !== 0 : length !== row)
      throw fail(`has ${length} ${length === 1 ? "value" : "values"}`);
    return shape.length === 0 ? values[0]! : values;
  };
}

/** @throws {ArgumentError} no dtype of this name, or no shape */
export function checkFeatures(features: FeatureSpecs): void {
  for (const [name, { dtype, shape }] of Object.entries(features)) {
    if (!Object.hasOwn(WAYS, dtype))
      throw new ArgumentError(
        `feature ${name}: there is no dtype ${dtype}; there are ${Object.keys(WAYS).join(", ")}`,
      );
    const isShape =
      Array.isArray(shape) &&
      shape.every(
        (length, i) =>
          Number.isInteger(length) &&
          (length >= 1 || (i === 0 && length >= -1)),
      );
    if (!isShape)
      throw new ArgumentError(
        `feature ${name}: its shape is to be a list of lengths, such as [28, 28], the first of which may be -1; it is ${JSON.stringify(shape)}`,
      );
  }
}
