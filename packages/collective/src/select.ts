import type { AlgorithmName } from "./registry";

/**
 * Up to here the fewest steps win, beyond it the fewest bytes: `npm run bench -- allreduce`, see docs/performance.md.
 */
export const LARGE_BYTES = 64 * 1024;

export interface AllreduceCall {
  readonly bytes: number;
  /** `auto`, or the name that the user forces. */
  readonly wanted: "auto" | AlgorithmName<"allreduce">;
}

/** Which all-reduce runs, and why. The same on every rank, since it depends on nothing else. */
export function selectAllreduce({ bytes, wanted }: AllreduceCall): {
  readonly name: AlgorithmName<"allreduce">;
  readonly reason: string;
} {
  if (wanted !== "auto")
    return { name: wanted, reason: `${wanted} was asked for` };
  if (bytes <= LARGE_BYTES)
    return {
      name: "recursive-doubling",
      reason: `${bytes} bytes are few: the fewest steps win`,
    };
  return {
    name: "ring",
    reason: `${bytes} bytes are many: the ring sends the fewest`,
  };
}
