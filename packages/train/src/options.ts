import { ArgumentError, isPlainObject, readEnvironment } from "@tsmpi/protocol";
import {
  type Compression,
  COMPRESSIONS,
  type WantedCompression,
} from "@tsmpi/worker";

/** How `distribute` trains. The same on every rank. */
export interface DistributeOptions {
  /** Gradients are fused into buckets of about this many bytes, one all-reduce each. Default 25 MB. */
  readonly bucketBytes?: number;
  /** Batches whose gradients are averaged, on each rank, before one update. Default 1. */
  readonly accumulate?: number;
  /** Scales the averaged gradient down to this norm, taken over all variables together. Default: no limit. */
  readonly clipGlobalNorm?: number | null;
  /**
   * How gradients look on the wire, for a slow network: "fp16", "bf16" or "int8". What is left out of them is sent with the next
   * step. Loss and metrics stay as they are. Default: that of `tsrun --compression`, else "none".
   */
  readonly compression?: WantedCompression;
  /**
   * Tries, in the first steps, which all-reduce, which buckets and, of those compressions that are named here or in `compression`,
   * which one makes them the fastest; rank 0 says what it takes, and keeps it for later jobs with these hosts and these variables.
   * Options that are given stay as they are. Default: whether `tsrun --autotune` was asked for.
   */
  readonly autotune?: boolean | AutotuneOptions;
  /** NaN or an infinity in a gradient: an error on every rank, or the update is left out on every rank. Default "throw". */
  readonly onNonFinite?: "throw" | "skip";
  /** Of the order of rows in `fit` and of dropout, which differ on each rank. Default 0. */
  readonly seed?: number;
  /**
   * Samples behind the gradients that `applyGradients` and `minimize` get: their weight in the average. A distributed model
   * knows its batches. Default 1, which weighs all ranks alike. May differ between ranks and steps.
   */
  readonly weight?: () => number;
}

/** What `autotune` may do besides. */
export interface AutotuneOptions {
  /** What it may take though it changes what is computed, a little. */
  readonly compressions?: readonly Compression[];
}

/** What autotune may choose between. */
export interface Tunable {
  /** Empty: the bucket stays as it is. */
  readonly bucketBytes: readonly number[];
  readonly compressions: readonly Compression[];
}

export type ResolvedOptions = Omit<Required<DistributeOptions>, "autotune"> & {
  /** Null: nothing is tuned. */
  readonly autotune: Tunable | null;
};

/** Beside the default. */
const TUNABLE_BUCKETS = [1_000_000, 5_000_000, 100_000_000];

const DEFAULTS: ResolvedOptions = {
  bucketBytes: 25_000_000,
  accumulate: 1,
  clipGlobalNorm: null,
  compression: "none",
  autotune: null,
  onNonFinite: "throw",
  seed: 0,
  weight: () => 1,
};

/** @throws {ArgumentError} names the option, its value, and what it must be */
export function resolveOptions(options: DistributeOptions): ResolvedOptions {
  const unknown = Object.keys(options).find((name) => !(name in DEFAULTS));
  if (unknown !== undefined)
    throw new ArgumentError(
      `distribute has no option "${unknown}"; there are ${Object.keys(DEFAULTS).join(", ")}`,
    );
  const given = Object.entries(options).filter(
    ([, value]) => value !== undefined,
  );
  const resolved = {
    ...DEFAULTS,
    compression: readEnvironment(process.env).compression,
    ...Object.fromEntries(given),
    autotune: tunableOf(options),
  } as ResolvedOptions;
  const { bucketBytes, accumulate, clipGlobalNorm, onNonFinite, seed } =
    resolved;
  const { compression } = resolved;
  must(isWhole(bucketBytes, 4), "bucketBytes", bucketBytes, "at least 4");
  must(isWhole(accumulate, 1), "accumulate", accumulate, "at least 1");
  must(
    clipGlobalNorm === null || clipGlobalNorm > 0,
    "clipGlobalNorm",
    clipGlobalNorm,
    "greater than 0",
  );
  must(
    COMPRESSIONS.includes(compression),
    options.compression === undefined ? "TSMPI_COMPRESSION" : "compression",
    compression,
    `one of ${COMPRESSIONS.join(", ")}`,
  );
  must(
    ["throw", "skip"].includes(onNonFinite),
    "onNonFinite",
    onNonFinite,
    '"throw" or "skip"',
  );
  must(Number.isSafeInteger(seed), "seed", seed, "a whole number");
  return resolved;
}

/** @throws {ArgumentError} */
function tunableOf({
  autotune = readEnvironment(process.env).autotune,
  bucketBytes,
  compression = readEnvironment(process.env).compression as Compression,
}: DistributeOptions): Tunable | null {
  if (autotune === false) return null;
  must(
    autotune === true || (autotune !== null && isPlainObject(autotune)),
    "autotune",
    autotune,
    "true, false or an object",
  );
  const { compressions = [], ...rest } = autotune === true ? {} : autotune;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined)
    throw new ArgumentError(
      `distribute: autotune has no option "${unknown}"; there is compressions`,
    );
  for (const name of compressions)
    must(
      LOSSY.includes(name),
      "an entry of autotune.compressions",
      name,
      `one of ${LOSSY.join(", ")}`,
    );
  return {
    bucketBytes: bucketBytes === undefined ? TUNABLE_BUCKETS : [],
    compressions: LOSSY.filter(
      (name) => name === compression || compressions.includes(name),
    ),
  };
}

const LOSSY = COMPRESSIONS.filter((name) => name !== "none");

const isWhole = (value: number, least: number): boolean =>
  Number.isSafeInteger(value) && value >= least;

function must(holds: boolean, name: string, value: unknown, what: string) {
  if (!holds)
    throw new ArgumentError(
      `distribute: ${name} is ${String(value)}, and must be ${what}`,
    );
}
