import { DataError } from "@tsmpi/protocol";
import { areFiniteThere } from "./summed-pieces";
import type { WireReader } from "./wire-reader";

/** Field 1 of a list: numbers one behind the other, or a value of bytes. */
const RUN = 0x0a;
/** Field 1 of a list, number by number. */
const ONE_FLOAT = 0x0d;
const ONE_VARINT = 0x08;

const FLOAT_BYTES = 4;

/**
 * V8 keeps the elements of arrays up to this size beside them, for 50 ns; an ArrayBuffer costs 1 µs. `slice` of an array of the same
 * kind leaves them there, and copies bits: what a NaN carries stays.
 */
const SMALL_BYTES = 64;
const smallBytes = new Uint8Array(SMALL_BYTES);
const smallFloats = new Float32Array(smallBytes.buffer);

/** Copied: `start` need not be a multiple of 4. */
export function floatsOf(
  reader: WireReader,
  start: number,
  end: number,
): Float32Array {
  const run = runOf(reader, { start, end, single: ONE_FLOAT });
  const { bytes } = run;
  const length = run.end - run.start;
  if (length % FLOAT_BYTES !== 0)
    throw reader.broken(`${length} bytes are no whole number of floats`);
  if (length > SMALL_BYTES) {
    const floats = new Float32Array(length / FLOAT_BYTES);
    new Uint8Array(floats.buffer).set(bytes.subarray(run.start, run.end));
    return floats;
  }
  for (let i = 0; i < length; i++) smallBytes[i] = bytes[run.start + i]!;
  return smallFloats.slice(0, length / FLOAT_BYTES);
}

/** Where numbers of a list go: `count` of them, from element `at` on. */
export interface Place<Values> {
  values: Values;
  at: number;
  readonly count: number;
  /** Whether the floats that went there are all numbers; null: nobody has looked. */
  areFinite: boolean | null;
}

/**
 * Copies them, without an array of their own; so do all functions here that put something `Into` a place.
 *
 * @param place elements are bytes
 * @returns false: there are not so many, or they do not lie together; nothing was copied
 */
export function floatsInto(
  reader: WireReader,
  start: number,
  end: number,
  place: Place<Uint8Array>,
): boolean {
  const run = runOf(reader, { start, end, single: ONE_FLOAT });
  if (run.end - run.start !== place.count) return false;
  copyTo(place.values, place.at, run);
  // A call costs as much as looking at a few.
  if (place.count > SMALL_BYTES)
    place.areFinite = areFiniteThere(run.bytes, run.start, run.end);
  return true;
}

/** The bytes of a list's only value. */
export function valueInto(
  reader: WireReader,
  start: number,
  end: number,
  { values, at, count }: Place<Uint8Array>,
): boolean {
  const { bytes } = reader;
  if (start === end || bytes[start] !== RUN) return false;
  reader.at = start + 1;
  const to = reader.extent(end);
  if (to !== end || to - reader.at !== count) return false;
  copyTo(values, at, { bytes, start: reader.at, end });
  return true;
}

function copyTo(values: Uint8Array, at: number, run: Run): void {
  const { bytes, start, end } = run;
  if (end - start > SMALL_BYTES) values.set(bytes.subarray(start, end), at);
  else for (let i = 0; i < end - start; i++) values[at + i] = bytes[start + i]!;
}

/** @returns false also where one has more than 32 bits */
export function int32sInto(
  reader: WireReader,
  start: number,
  end: number,
  { values, at, count }: Place<Int32Array | Float64Array>,
): boolean {
  if (integers(reader, start, end) !== count) return false;
  for (let i = 0; i < count; i++) {
    const low = words[2 * i]!;
    if (words[2 * i + 1] !== low >> 31) return false;
    values[at + i] = low;
  }
  return true;
}

/** @param place elements are words, two a number, the lower first */
export function int64sInto(
  reader: WireReader,
  start: number,
  end: number,
  { values, at, count }: Place<Int32Array>,
): boolean {
  if (2 * integers(reader, start, end) !== count) return false;
  for (let i = 0; i < count; i++) values[at + i] = words[i]!;
  return true;
}

/** Integers of the list that was read last, two words each, the lower first. */
let words = new Int32Array(64);

export function int64sOf(
  reader: WireReader,
  start: number,
  end: number,
): BigInt64Array {
  const count = integers(reader, start, end);
  return new BigInt64Array(words.buffer, 0, count).slice();
}

/** @throws {DataError} one has more than 32 bits */
export function int32sOf(
  reader: WireReader,
  start: number,
  end: number,
): Int32Array {
  const count = integers(reader, start, end);
  const numbers = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const low = words[2 * i]!;
    if (words[2 * i + 1] !== low >> 31)
      throw new DataError(
        `${new BigInt64Array(words.buffer)[i]} has more than 32 bits; its dtype is int64`,
      );
    numbers[i] = low;
  }
  return numbers;
}

/** Leaves them in `words`. @returns how many there are */
function integers(reader: WireReader, start: number, end: number): number {
  const run = runOf(reader, { start, end, single: ONE_VARINT });
  const { bytes } = run;
  // Each takes a byte at least.
  if (words.length < 2 * (run.end - run.start))
    words = new Int32Array(4 * (run.end - run.start));
  let count = 0;
  for (let at = run.start; at < run.end; count++) {
    const first = bytes[at]!;
    words[2 * count] = first;
    words[2 * count + 1] = 0;
    at =
      first < 128
        ? at + 1
        : longVarint(reader, { bytes, at, end: run.end, count });
  }
  return count;
}

/** One of more than a byte. @returns where the next one begins */
function longVarint(
  reader: WireReader,
  {
    bytes,
    at,
    end,
    count,
  }: { bytes: Uint8Array; at: number; end: number; count: number },
): number {
  let [low, high] = [0, 0];
  for (let i = 0; i < 10 && at + i < end; i++) {
    const byte = bytes[at + i]!;
    const bits = byte & 127;
    const shift = 7 * i;
    if (shift < 32) low |= bits << shift;
    if (shift > 28) high |= bits << (shift - 32);
    else if (shift === 28) high |= bits >> 4;
    if (byte < 128) {
      words[2 * count] = low;
      words[2 * count + 1] = high;
      return at + i + 1;
    }
  }
  throw reader.broken("a number has no end");
}

/** Values of a bytes_list, copied. */
export function valuesOf(
  reader: WireReader,
  start: number,
  end: number,
): Uint8Array[] {
  const values: Uint8Array[] = [];
  reader.at = start;
  while (reader.at < end) {
    const tag = reader.varint();
    if (tag !== RUN) {
      reader.skip(tag, end);
      continue;
    }
    const to = reader.extent(end);
    values.push(copyOf(reader.bytes, reader.at, to));
    reader.at = to;
  }
  return values;
}

function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - start);
  copy.set(bytes.subarray(start, end));
  return copy;
}

interface Run {
  bytes: Uint8Array;
  start: number;
  end: number;
}

const theRun: Run = { bytes: new Uint8Array(0), start: 0, end: 0 };

/** The bytes of a list's numbers, one behind the other: mostly they lie there so, else they are gathered. Valid until the next call. */
function runOf(
  reader: WireReader,
  { start, end, single }: { start: number; end: number; single: number },
): Run {
  const { bytes } = reader;
  theRun.bytes = bytes;
  reader.at = start;
  if (start < end && bytes[start] === RUN) {
    reader.at = start + 1;
    theRun.end = reader.extent(end);
    theRun.start = reader.at;
    if (theRun.end === end) return theRun;
    reader.at = start;
  }
  const parts: Uint8Array[] = [];
  while (reader.at < end) {
    const tag = reader.varint();
    const to = tag === RUN ? reader.extent(end) : -1;
    const from = reader.at;
    if (to < 0) reader.skip(tag, end);
    else reader.at = to;
    if (tag === RUN || tag === single)
      parts.push(bytes.subarray(from, reader.at));
  }
  theRun.bytes = Buffer.concat(parts);
  theRun.start = 0;
  theRun.end = theRun.bytes.length;
  return theRun;
}
