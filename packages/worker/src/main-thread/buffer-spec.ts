import { inspect } from "node:util";
import {
  ArgumentError,
  BufferTypeError,
  bytesOf,
  bytesPerElement,
  CountError,
  type Dtype,
  dtypeOf,
  memoryDtype,
  type TypedArray,
  typeTag,
  viewAs,
} from "@tsmpi/protocol";
import { Datatype, type DatatypeArgument, readDatatype } from "./datatype";

/** A buffer, as mpi4py takes it: all of it, or some elements from some place on, and what they are. */
export type BufferSpec<Buffer extends TypedArray = TypedArray> =
  | Buffer
  | null
  | readonly [Buffer | null]
  | readonly [Buffer | null, number | DatatypeArgument | CountAndPlace | null]
  | readonly [
      Buffer | null,
      number | CountAndPlace | null,
      number | DatatypeArgument,
    ]
  | readonly [Buffer | null, number | null, number | null, DatatypeArgument];
type CountAndPlace = readonly [count: number | null, place: number | null];

/** A buffer that is cut up, a part for each rank: counts and places in elements; one number is a count, or a stride, for all. */
export type VectorSpec<Buffer extends TypedArray = TypedArray> =
  | Buffer
  | null
  | readonly [Buffer | null]
  | readonly [Buffer | null, Numbers | DatatypeArgument | CountsAndPlaces]
  | readonly [
      Buffer | null,
      Numbers | CountsAndPlaces,
      Numbers | DatatypeArgument,
    ]
  | readonly [Buffer | null, Numbers, Numbers, DatatypeArgument];
type Numbers = number | ArrayLike<number> | null;
type CountsAndPlaces = readonly [counts: Numbers, places: Numbers];

/** The elements that a call sends or fills. */
export interface Elements {
  readonly array: TypedArray;
  readonly dtype: Dtype;
  /** As it was given; null: what the array's elements are. */
  readonly datatype?: Datatype | null;
}

/** The same, cut up: part r of `array` is `counts[r]` elements from `places[r]` on. */
export interface Parts extends Elements {
  readonly counts: readonly number[];
  readonly places: readonly number[];
}

/**
 * What a call's buffer argument says.
 *
 * @param name of the argument, for errors
 * @param blocks of a buffer that holds several blocks a count is that of each
 * @throws {BufferTypeError} no typed array, or one that does not hold this datatype
 * @throws {CountError} the elements are not within the array
 */
export function readElements(
  spec: unknown,
  name: string,
  blocks = 1,
): Elements {
  const { buffer, count, place, datatype } = takeApart(
    spec,
    name,
    Array.isArray,
  );
  const {
    array,
    dtype,
    items,
    datatype: given,
  } = typed(buffer, datatype, name);
  const start = wholeNumber(place ?? 0, `displacement of ${name}`) * items;
  const length = isMissing(count)
    ? array.length - start
    : wholeNumber(count, `count of ${name}`) * blocks * items;
  if (start + length > array.length || length < 0)
    throw new CountError(
      `${name} has ${array.length} elements; ${Math.max(length, 0)} from ${start} on are not within it`,
    );
  const isWhole = length === array.length;
  return {
    array: isWhole ? array : array.subarray(start, start + length),
    dtype,
    datatype: given,
  };
}

/** The same for a buffer that is cut into `ranks` parts; without counts they are as equal as can be, in order. */
export function readParts(spec: unknown, ranks: number, name: string): Parts {
  const { buffer, count, place, datatype } = takeApart(
    spec,
    name,
    isPairOfLists,
  );
  const { array, dtype } = typed(buffer, datatype, name);
  const counts = isMissing(count)
    ? evenCounts(array.length, ranks)
    : numbers(count, ranks, `counts of ${name}`, () => Number(count));
  let next = 0;
  const behindEachOther = counts.map((length) => (next += length) - length);
  const places = isMissing(place)
    ? behindEachOther
    : numbers(
        place,
        ranks,
        `displacements of ${name}`,
        (r) => r * Number(place),
      );
  counts.forEach((length, rank) => {
    if (length > 0 && places[rank]! + length > array.length)
      throw new CountError(
        `the part of rank ${rank}, ${length} elements from ${places[rank]}, is not within ${name} (${array.length} elements)`,
      );
  });
  return { array, dtype, counts, places };
}

/** Part `rank`, a view. */
export const partOf = (
  { array, counts, places }: Parts,
  rank: number,
): TypedArray => array.subarray(places[rank], places[rank]! + counts[rank]!);

interface Spec {
  readonly buffer: unknown;
  readonly count?: unknown;
  readonly place?: unknown;
  readonly datatype?: unknown;
}

/** `[buf, count | [count, place], place, datatype]`, whatever is given of it. */
function takeApart(
  spec: unknown,
  name: string,
  isPair: (count: unknown) => boolean,
): Spec {
  if (!Array.isArray(spec)) return { buffer: spec };
  const items = [...(spec as readonly unknown[])];
  // No datatype is the array's own.
  if (items.length === 4 && isMissing(items[3])) items.pop();
  if (items.length < 1 || items.length > 4)
    throw new ArgumentError(
      `${name}: expecting 1 to 4 items, got ${items.length}`,
    );
  const datatype = isDatatype(items.at(-1)) ? items.pop() : null;
  const [buffer, count, ...rest] = items;
  if (rest.every(isMissing) && isPair(count)) {
    const [first, second] = count as readonly unknown[];
    return { buffer, count: first, place: second, datatype };
  }
  return { buffer, count, place: rest[0], datatype };
}

/** `[counts, places]`, as opposed to the counts of two ranks. */
const isPairOfLists = (count: unknown): boolean =>
  Array.isArray(count) &&
  count.length === 2 &&
  (count.some(isList) || count[1] === null);

const isList = (value: unknown): boolean =>
  Array.isArray(value) || ArrayBuffer.isView(value);

const isMissing = (item: unknown): boolean =>
  item === null || item === undefined;

const isDatatype = (value: unknown): boolean =>
  value instanceof Datatype || typeof value === "string";

/** The array, what its elements are, and how many of them a count counts as one. */
function typed(
  buffer: unknown,
  datatype: unknown,
  name: string,
): Elements & { readonly items: number } {
  const wanted = isMissing(datatype) ? null : readDatatype(datatype);
  const items = wanted?.items ?? 1;
  if (isMissing(buffer)) {
    const dtype = wanted?.dtype ?? "uint8";
    const nothing = viewAs(dtype, new ArrayBuffer(0), 0, 0);
    return { array: nothing, dtype, items, datatype: wanted };
  }
  const array = (
    typeTag(buffer) === "ArrayBuffer"
      ? new Uint8Array(buffer as ArrayBuffer)
      : buffer
  ) as TypedArray;
  const own = dtypeOf(array);
  if (own === null)
    throw new BufferTypeError(
      `${name} must be a typed array such as Float32Array, not ${typeof buffer}; values go through the lower-case calls`,
    );
  const dtype = wanted?.dtype ?? own;
  if (wanted === null || wanted.fits(array))
    return {
      // Some datatypes are the bytes of whatever memory.
      array: memoryDtype(dtype) === own ? array : bytesOf(array),
      dtype,
      items,
      datatype: wanted,
    };
  throw new BufferTypeError(
    `${name} is ${own} and cannot hold ${dtype}, which has ${bytesPerElement(dtype)} bytes in a ${memoryDtype(dtype)} array`,
  );
}

function wholeNumber(value: unknown, what: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0)
    return value;
  throw new CountError(
    `the ${what} must be a whole number from 0, not ${inspect(value)}`,
  );
}

function numbers(
  value: unknown,
  length: number,
  what: string,
  ofOne: (rank: number) => number,
): number[] {
  if (typeof value === "number") {
    wholeNumber(value, what);
    return Array.from({ length }, (_, rank) => ofOne(rank));
  }
  const list = Array.from(value as ArrayLike<unknown>);
  if (list.length !== length)
    throw new CountError(`expecting ${length} ${what}, got ${list.length}`);
  return list.map((item) => wholeNumber(item, what));
}

const evenCounts = (length: number, parts: number): number[] =>
  Array.from(
    { length: parts },
    (_, part) => Math.floor(length / parts) + (part < length % parts ? 1 : 0),
  );
