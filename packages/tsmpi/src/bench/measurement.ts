import type { Dtype } from "@tsmpi/protocol";

/** What a size is a size of, and what the whole call moves. Names and factors are those of nccl-tests. */
export interface SizeMeaning {
  /** Of the whole buffer, or of one of the blocks that there are for each rank. */
  readonly of: "buffer" | "block";
  /** What each link carries of the whole, in an ideal algorithm: busbw = algbw × factor. */
  readonly busFactor: (ranks: number) => number;
}

/** One algorithm at one size. The keys of a line of `--json`. */
export interface Measurement {
  readonly op: string;
  /** `point-to-point` where there is none to choose. */
  readonly algorithm: string;
  readonly transport: string;
  readonly ranks: number;
  readonly bytes: number;
  readonly dtype: Dtype | null;
  readonly buffers: "arena" | "own" | null;
  /** Of the slowest rank's times. */
  readonly medianMs: number;
  readonly minMs: number;
  readonly p99Ms: number;
  /** Bytes of the whole call ÷ median. */
  readonly algbwGBps: number;
  /** What each link carried, were the algorithm ideal: comparable between collectives and numbers of ranks. */
  readonly busbwGBps: number;
  readonly verified: true;
}

export type About = Omit<
  Measurement,
  "medianMs" | "minMs" | "p99Ms" | "algbwGBps" | "busbwGBps" | "verified"
>;

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
  const last = sorted.length - 1;
  const middle = [Math.floor(last / 2), Math.ceil(last / 2)] as const;
  const medianMs = (sorted[middle[0]]! + sorted[middle[1]]!) / 2;
  const whole = about.bytes * (sizes?.of === "block" ? about.ranks : 1);
  const algbwGBps = whole / 1e9 / (medianMs / 1e3);
  const factor = sizes?.busFactor(about.ranks) ?? 1;
  return {
    ...about,
    medianMs: rounded(medianMs),
    minMs: rounded(sorted[0]!),
    // The least that 99 of 100 do not exceed.
    p99Ms: rounded(sorted[Math.ceil(sorted.length * 0.99) - 1]!),
    algbwGBps: rounded(algbwGBps),
    busbwGBps: rounded(algbwGBps * factor),
    verified: true,
  };
}

/** More digits would say what no clock has measured. */
const rounded = (value: number): number => Number(value.toPrecision(5));
