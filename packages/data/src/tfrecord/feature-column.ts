import type { TypedArray } from "@tsmpi/protocol";
import type { FeatureDtype, FeatureSpec } from "../feature-spec";
import { type Column, collateField, type PlaceOf } from "../records/collate";
import type { ColumnMemory } from "../records/column-memory";
import { areFinite, isFinite } from "../records/finite";
import type { FieldValue } from "../records/record";
import { featureReader, type ReadFeature } from "./feature-readers";
import {
  floatsInto,
  int32sInto,
  int64sInto,
  type Place,
  valueInto,
} from "./lists";
import { BYTES_LIST, FLOAT_LIST, INT64_LIST } from "./schema";
import type { WireReader } from "./wire-reader";

/** One feature of the examples of a batch. See `ColumnRows`. */
export interface FeatureColumn {
  put(
    row: number,
    reader: WireReader,
    kind: number,
    start: number,
    end: number,
  ): void;
  isFinite(row: number): boolean;
  value(row: number): FieldValue;
  take(rows: number, placeOf: PlaceOf): Column | readonly unknown[];
}

/** How a list goes straight into an array. */
interface Way<Values = never> {
  readonly kind: number;
  readonly Kind: ArrayKind;
  /** The same memory, as `into` takes it; and how many of its elements make one of the array's. */
  readonly viewOf: (array: TypedArray) => TypedArray;
  readonly units: number;
  readonly into: (
    reader: WireReader,
    start: number,
    end: number,
    place: Place<Values>,
  ) => boolean;
}

interface ArrayKind {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): TypedArray;
}

const asBytes = ({ buffer, byteOffset, byteLength }: TypedArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
const asWords = ({ buffer, byteOffset, byteLength }: TypedArray): Int32Array =>
  new Int32Array(buffer, byteOffset, byteLength / 4);
const asItIs = (array: TypedArray): TypedArray => array;

const int64s: Way<Int32Array> = {
  ...{ kind: INT64_LIST, units: 2, into: int64sInto },
  ...{ Kind: BigInt64Array, viewOf: asWords },
};

/** Of arrays, by the dtype of their elements. */
const ARRAYS = {
  float32: {
    ...{ kind: FLOAT_LIST, units: 4, into: floatsInto },
    ...{ Kind: Float32Array, viewOf: asBytes },
  } satisfies Way<Uint8Array>,
  int32: {
    ...{ kind: INT64_LIST, units: 1, into: int32sInto },
    ...{ Kind: Int32Array, viewOf: asItIs },
  } satisfies Way<Int32Array>,
  int64: int64s,
  uint8: {
    ...{ kind: BYTES_LIST, units: 1, into: valueInto },
    ...{ Kind: Uint8Array, viewOf: asItIs },
  } satisfies Way<Uint8Array>,
};

const oneFloat = new Float32Array(1);
const placeOfOne: Place<Uint8Array> = {
  ...{ values: asBytes(oneFloat), at: 0, count: oneFloat.byteLength },
  areFinite: null,
};

/** Of single values: numbers, which `collate` puts into a Float64Array. */
const SCALARS = {
  float32: {
    ...{ kind: FLOAT_LIST, units: 1 },
    into(reader, start, end, { values, at }) {
      if (!floatsInto(reader, start, end, placeOfOne)) return false;
      values[at] = oneFloat[0]!;
      return true;
    },
    ...{ Kind: Float64Array, viewOf: asItIs },
  } satisfies Way<Float64Array>,
  int32: {
    ...{ kind: INT64_LIST, units: 1, into: int32sInto },
    ...{ Kind: Float64Array, viewOf: asItIs },
  } satisfies Way<Float64Array>,
  int64: int64s,
};

/** @param mostRows how many rows it will have at most */
export function featureColumn(
  name: string,
  spec: FeatureSpec,
  { mostRows, memory }: { mostRows: number; memory: ColumnMemory },
): FeatureColumn {
  const { dtype, shape } = spec;
  const ways: Partial<Record<FeatureDtype, Way>> =
    shape.length === 0 ? SCALARS : ARRAYS;
  const way = ways[dtype];
  const read = featureReader(name, spec);
  const length = shape.reduce((product, extent) => product * extent, 1);
  return way === undefined || length < 0
    ? new ValueColumn(name, read)
    : new ArrayColumn(way, read, {
        ...{ length, isScalar: shape.length === 0, mostRows, memory },
      });
}

/** A column begins with room for so many bytes at most; a batch that is larger lets it grow. */
const FIRST_BYTES = 1 << 22;

class ArrayColumn implements FeatureColumn {
  readonly #way: Way;
  readonly #read: ReadFeature;
  readonly #length: number;
  readonly #isScalar: boolean;
  readonly #mostRows: number;
  readonly #memory: ColumnMemory;
  #rows = 0;
  #values: TypedArray;
  readonly #place: Place<TypedArray>;

  constructor(
    way: Way,
    read: ReadFeature,
    {
      length,
      isScalar,
      mostRows,
      memory,
    }: {
      readonly length: number;
      readonly isScalar: boolean;
      readonly mostRows: number;
      readonly memory: ColumnMemory;
    },
  ) {
    this.#way = way;
    this.#read = read;
    this.#length = length;
    this.#isScalar = isScalar;
    this.#mostRows = mostRows;
    this.#memory = memory;
    this.#values = this.#none();
    this.#place = {
      ...{ values: this.#values, at: 0, count: length * way.units },
      areFinite: null,
    };
  }

  put(
    row: number,
    reader: WireReader,
    kind: number,
    start: number,
    end: number,
  ): void {
    if (row >= this.#rows) this.#grow();
    const place = this.#place;
    place.at = row * place.count;
    place.areFinite = null;
    const { kind: wanted, into } = this.#way;
    if (kind === wanted && into(reader, start, end, place as never)) return;
    // It lies there in a way that is seldom, or is wrong.
    const value = this.#read(reader, kind, start, end);
    const values = this.#isScalar ? [value] : (value as TypedArray);
    this.#values.set(values as never, row * this.#length);
  }

  isFinite(row: number): boolean {
    const values = this.#values;
    if (!(values instanceof Float32Array || values instanceof Float64Array))
      return true;
    const { at: last, count, areFinite: found } = this.#place;
    if (found !== null && last === row * count) return found;
    const at = row * this.#length;
    return areFinite(values, at, at + this.#length);
  }

  value(row: number): FieldValue {
    const at = row * this.#length;
    return this.#isScalar
      ? this.#values[at]!
      : this.#values.subarray(at, at + this.#length);
  }

  take(rows: number): Column {
    const values =
      rows === this.#rows
        ? this.#values
        : this.#values.slice(0, rows * this.#length);
    this.#hold(this.#none(), 0);
    const shape = this.#isScalar ? [rows] : [rows, this.#length];
    return { values, shape };
  }

  #none(): TypedArray {
    return new this.#way.Kind(new ArrayBuffer(0));
  }

  #grow(): void {
    const { Kind } = this.#way;
    const bytes = this.#length * Kind.BYTES_PER_ELEMENT;
    const first = Math.max(1, Math.floor(FIRST_BYTES / Math.max(1, bytes)));
    const rows = Math.min(this.#mostRows, Math.max(2 * this.#rows, first));
    const values = new Kind(this.#memory.take(rows * bytes));
    values.set(this.#values as never);
    this.#hold(values, rows);
  }

  #hold(values: TypedArray, rows: number): void {
    this.#values = values;
    this.#rows = rows;
    this.#place.values = this.#way.viewOf(values);
  }
}

/** Of values that are not all of one length, or no numbers. */
class ValueColumn implements FeatureColumn {
  readonly #name: string;
  readonly #read: ReadFeature;
  #values: FieldValue[] = [];

  constructor(name: string, read: ReadFeature) {
    this.#name = name;
    this.#read = read;
  }

  put(row: number, ...list: Parameters<ReadFeature>): void {
    this.#values[row] = this.#read(...list);
  }

  isFinite(row: number): boolean {
    return isFinite(this.#values[row]!);
  }

  value(row: number): FieldValue {
    return this.#values[row]!;
  }

  take(rows: number, placeOf: PlaceOf): Column | readonly unknown[] {
    const values = this.#values.slice(0, rows);
    this.#values = [];
    return collateField(values, this.#name, placeOf) as readonly unknown[];
  }
}
