import type { Collective, Compression } from "@tsmpi/collective";
import {
  bytesPerElement,
  type Dtype,
  type TypedArray,
  viewAs,
} from "@tsmpi/protocol";
import type { Intracomm } from "@tsmpi/worker";
import type { Checked } from "./checked";
import type { Measurement, SizeMeaning } from "./measurement";

/** Where and on what a benchmark runs: one rank, one size. */
export interface Place {
  readonly rank: number;
  readonly size: number;
  readonly dtype: Dtype;
  /** Elements of the size that is measured. */
  readonly count: number;
  /** A buffer of the kind that is asked for. */
  readonly allocate: (length: number) => TypedArray;
}

/** One size, ready to run again and again. */
export interface Prepared {
  /** All buffers of the call, those that it only reads too. */
  readonly buffers: readonly Checked[];
  /** What is timed. */
  readonly run: (comm: Intracomm, compression: Compression | null) => void;
  /** By how much a result may differ, whose values went over the wire like this. */
  readonly mostError?: (compression: Compression) => number;
}

/** Measures something on all ranks. */
export interface Measured {
  readonly kind: "measured";
  /** One line, for `--help`. */
  readonly summary: string;
  /** Whose algorithms there are to choose from; null: there are none. */
  readonly collective: Collective | null;
  /** Null: it moves nothing, so that sizes, dtype and buffers say nothing. */
  readonly sizes: SizeMeaning | null;
  /** Its call has a length for each block: no rank knows one of all. */
  readonly lengthsDiffer?: true;
  /** Its values may be compressed. */
  readonly isCompressible?: true;
  /** Calls that one run makes one after the other; times are of one. Default 1. */
  readonly callsPerRun?: number;
  /** Where nobody asks for something else. */
  readonly defaults?: {
    readonly dtype?: Dtype;
    readonly sizes?: readonly number[];
    readonly warmup?: number;
    readonly iterations?: number;
  };
  prepare(place: Place): Prepared;
  /** For people, in place of a row of a table. */
  describe?(measurement: Measurement, timesMs: Float64Array): string;
}

/** Says something, and measures nothing. */
export interface Spoken {
  readonly kind: "spoken";
  readonly summary: string;
  /** @returns what rank 0 prints */
  run(world: Intracomm): string;
}

export type Benchmark = Measured | Spoken;

/** A call's argument: float16 lies in a Uint16Array, and would be taken for one. */
export const spec = (
  array: TypedArray,
  { dtype }: Place,
): [TypedArray, Dtype] => [array, dtype];

/** An array for contents, which no call sees. */
export const ownArray = (dtype: Dtype, length: number): TypedArray =>
  viewAs(dtype, new ArrayBuffer(length * bytesPerElement(dtype)), 0, length);
