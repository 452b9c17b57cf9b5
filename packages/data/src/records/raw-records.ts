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
  /** Where the first of them begins in the file, uncompressed: reading can begin there. */
  readonly offset: number;
}

/** A place in a file at which a record begins. */
export interface RecordPlace {
  /** Its number within the file, from 0. */
  readonly record: number;
  /** Bytes in front of it in the file, uncompressed. */
  readonly offset: number;
}

export const BEGINNING: RecordPlace = { record: 0, offset: 0 };
