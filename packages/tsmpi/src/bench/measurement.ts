import type { Compression } from "@tsmpi/collective";
import type { Dtype } from "@tsmpi/protocol";
import type { Buffers } from "./settings";

/** What a size is a size of, and what the whole call moves. Names and factors are those of nccl-tests. */
export interface SizeMeaning {
  /** Of the whole buffer, or of one of the blocks that there are for each rank. */
  readonly of: "buffer" | "block";
  /** What each link carries of the whole, in an ideal algorithm: busbw = algbw × factor. */
  readonly busFactor: (ranks: number) => number;
}

/** One algorithm, or one compression, at one size. The keys of a line of `--json`. */
export interface Measurement {
  readonly op: string;
  /** `point-to-point` where there is none to choose, `compressed` where values are. */
  readonly algorithm: string;
  readonly transport: string;
  readonly ranks: number;
  readonly bytes: number;
  readonly dtype: Dtype | null;
  readonly buffers: Buffers | null;
  /** Null: values go over the wire as they are. */
  readonly compression: Compression | null;
  /** Of the slowest rank's times. */
  readonly medianMs: number;
  readonly minMs: number;
  /** Half of the runs lie between the quartiles. */
  readonly q1Ms: number;
  readonly q3Ms: number;
  readonly p99Ms: number;
  /** Bytes of the whole call ÷ median. */
  readonly algbwGBps: number;
  /** What each link carried, were the algorithm ideal: comparable between collectives and numbers of ranks. */
  readonly busbwGBps: number;
  readonly verified: true;
}

export type About = Pick<
  Measurement,
  | ("op" | "algorithm" | "transport" | "ranks")
  | ("bytes" | "dtype" | "buffers" | "compression")
>;

/** What people call it by. */
export const nameOf = ({
  algorithm,
  compression,
}: Pick<Measurement, "algorithm" | "compression">): string =>
  compression ?? algorithm;

/**
 * @param timesMs of the slowest rank, one for each run; at least one
 */
export function measurementOf(
  {
    sizes,
    callsPerRun = 1,
  }: {
    readonly sizes: SizeMeaning | null;
    readonly callsPerRun?: number;
  },
  about: About,
  timesMs: Float64Array,
): Measurement {
  const sorted = timesMs.map((ms) => ms / callsPerRun).sort();
  const medianMs = quantile(sorted, 0.5);
  const whole = about.bytes * (sizes?.of === "block" ? about.ranks : 1);
  const algbwGBps = whole / 1e9 / (medianMs / 1e3);
  const factor = sizes?.busFactor(about.ranks) ?? 1;
  return {
    ...about,
    medianMs: rounded(medianMs),
    minMs: rounded(sorted[0]!),
    q1Ms: rounded(quantile(sorted, 0.25)),
    q3Ms: rounded(quantile(sorted, 0.75)),
    // The least that 99 of 100 do not exceed.
    p99Ms: rounded(sorted[Math.ceil(sorted.length * 0.99) - 1]!),
    algbwGBps: rounded(algbwGBps),
    busbwGBps: rounded(algbwGBps * factor),
    verified: true,
  };
}

/** Between two values in proportion, as NumPy has it. */
function quantile(sorted: Float64Array, fraction: number): number {
  const at = fraction * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  return below + (sorted[Math.ceil(at)]! - below) * (at % 1);
}

/** More digits would say what no clock has measured. */
const rounded = (value: number): number => Number(value.toPrecision(5));
