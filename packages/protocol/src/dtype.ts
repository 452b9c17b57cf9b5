/**
 * The element types of buffers: one row each. A new dtype is a row in this table.
 * `code` goes over the wire and never changes; 0 means "bytes of an encoded value, not a typed array".
 * `array` is the memory. JavaScript has no numbers of 16 bits: the two such types lie as bits in a Uint16Array, and have to be
 * asked for, since `dtypeOf` such an array is uint16 (half-precision.ts converts).
 */
const TABLE = {
  int8: { kind: "integer", code: 1, bytes: 1, array: Int8Array },
  uint8: { kind: "integer", code: 2, bytes: 1, array: Uint8Array },
  int16: { kind: "integer", code: 3, bytes: 2, array: Int16Array },
  uint16: { kind: "integer", code: 4, bytes: 2, array: Uint16Array },
  int32: { kind: "integer", code: 5, bytes: 4, array: Int32Array },
  uint32: { kind: "integer", code: 6, bytes: 4, array: Uint32Array },
  float32: { kind: "float", code: 7, bytes: 4, array: Float32Array },
  float64: { kind: "float", code: 8, bytes: 8, array: Float64Array },
  bigint64: { kind: "integer", code: 9, bytes: 8, array: BigInt64Array },
  biguint64: { kind: "integer", code: 10, bytes: 8, array: BigUint64Array },
  float16: { kind: "float", code: 11, bytes: 2, array: Uint16Array },
  bfloat16: { kind: "float", code: 12, bytes: 2, array: Uint16Array },
} as const;

export type Dtype = keyof typeof TABLE;
/** Of whatever memory: a shared one too. */
export type TypedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;
type TypedArrayConstructor = new (
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
) => TypedArray;

export const DTYPES = Object.keys(TABLE) as readonly Dtype[];

// The first dtype of an array is the one it has if nobody says another.
const TAG_TO_DTYPE = new Map<string, Dtype>([
  ...DTYPES.map((dtype) => [TABLE[dtype].array.name, dtype] as const).reverse(),
  ["Uint8ClampedArray", "uint8"],
]);
const CODE_TO_DTYPE = new Map<number, Dtype>(
  DTYPES.map((dtype) => [TABLE[dtype].code, dtype]),
);

/** The dtype of a typed array, or null for anything else. Works across realms (jest, vm), where `instanceof` does not. */
export function dtypeOf(value: unknown): Dtype | null {
  if (!ArrayBuffer.isView(value)) return null;
  const name = (value as unknown as { [Symbol.toStringTag]?: string })[
    Symbol.toStringTag
  ];
  return TAG_TO_DTYPE.get(name ?? "") ?? null;
}

export const isFloat = (dtype: Dtype): boolean => TABLE[dtype].kind === "float";

/** The dtype of the array that elements of `dtype` lie in: itself, or uint16 for float16 and bfloat16. */
export const memoryDtype = (dtype: Dtype): Dtype =>
  TAG_TO_DTYPE.get(TABLE[dtype].array.name)!;

export const bytesPerElement = (dtype: Dtype): number => TABLE[dtype].bytes;
export const dtypeCode = (dtype: Dtype | null): number =>
  dtype === null ? 0 : TABLE[dtype].code;
export const dtypeFromCode = (code: number): Dtype | null =>
  CODE_TO_DTYPE.get(code) ?? null;

/** A typed array of `length` elements over existing memory. `byteOffset` must be a multiple of the element size. */
export function viewAs(
  dtype: Dtype,
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
): TypedArray {
  const constructor: TypedArrayConstructor = TABLE[dtype].array;
  return new constructor(buffer, byteOffset, length);
}

/** The bytes of a typed array, as a view: no copy. */
export const bytesOf = (array: TypedArray): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
