/**
 * Consecutive records of one file as they lie there, not decoded: record i of these is bytes `starts[i]` to `ends[i]` (exclusive)
 * of `bytes`. What stands between them (lengths, checksums, line ends) stays where it is, so that records can be handed on, and
 * sent to another rank, without a copy.
 */
export interface RawRecords {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** Number of the first of them within its file, from 0. */
  readonly first: number;
  /** Where `bytes` begin in the file, uncompressed. As `Format.read` yields them, reading can begin there with the first of these. */
  readonly offset: number;
  /** A checksum of each record's bytes, 32 bits, where reading has one anyway: files of one format have the same kind. */
  readonly checksums?: Uint32Array;
  /** Which of them, in ascending order, have bytes other than their checksums say: who decodes one says so. */
  readonly damaged?: readonly number[];
}

export const isDamaged = ({ damaged }: RawRecords, index: number): boolean =>
  damaged !== undefined && damaged[firstFrom(damaged, index)] === index;

/** Where the first of these numbers is, in ascending order, that is not below `least`. All records of a file may be damaged. */
function firstFrom(numbers: readonly number[], least: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle]! < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Those from the `from`-th to the `to`-th (exclusive) of these records, without the bytes of the others. No bytes are copied. */
export function sliceRecords(
  records: RawRecords,
  from: number,
  to: number,
): RawRecords {
  const { bytes, starts, ends, first, offset, checksums, damaged } = records;
  if (from === 0 && to === starts.length) return records;
  const begin = from < to ? starts[from]! : 0;
  const ownDamaged = damaged?.slice(
    ...[firstFrom(damaged, from), firstFrom(damaged, to)],
  );
  const rebased = (places: Uint32Array) =>
    places.subarray(from, to).map((place) => place - begin);
  return {
    bytes: bytes.subarray(begin, from < to ? ends[to - 1] : 0),
    ...{ starts: rebased(starts), ends: rebased(ends) },
    ...{ first: first + from, offset: offset + begin },
    ...(checksums && { checksums: checksums.subarray(from, to) }),
    ...(ownDamaged?.length && {
      damaged: ownDamaged.map((index) => index - from),
    }),
  };
}

/** A place in a file at which a record begins. */
export interface RecordPlace {
  /** Its number within the file, from 0. */
  readonly record: number;
  /** Bytes in front of it in the file, uncompressed. */
  readonly offset: number;
}

export const BEGINNING: RecordPlace = { record: 0, offset: 0 };
