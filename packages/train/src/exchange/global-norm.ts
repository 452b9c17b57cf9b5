import type { Entry } from "./fused-average";

/** Scales all entries in place by one factor, so that the norm over all their elements together is at most `limit`. */
export function clipByGlobalNorm(
  entries: readonly Entry[],
  limit: number,
): void {
  let squares = 0;
  for (const entry of entries)
    for (let i = 0; entry !== null && i < entry.length; i++)
      squares += entry[i]! * entry[i]!;
  const norm = Math.sqrt(squares);
  if (norm <= limit) return;
  const factor = limit / norm;
  for (const entry of entries)
    for (let i = 0; entry !== null && i < entry.length; i++)
      entry[i]! *= factor;
}
