import { ArgumentError, readEnvironment } from "@tsmpi/protocol";
import { COMPRESSIONS, type WantedCompression } from "@tsmpi/worker";

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

export type ResolvedOptions = Required<DistributeOptions>;

const DEFAULTS: ResolvedOptions = {
  bucketBytes: 25_000_000,
  accumulate: 1,
  clipGlobalNorm: null,
  compression: "none",
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
    "compression",
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

const isWhole = (value: number, least: number): boolean =>
  Number.isSafeInteger(value) && value >= least;

function must(holds: boolean, name: string, value: unknown, what: string) {
  if (!holds)
    throw new ArgumentError(
      `distribute: ${name} is ${String(value)}, and must be ${what}`,
    );
}
