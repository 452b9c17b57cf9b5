import { median } from "./ratios.ts";
import type { Limit, Target } from "./targets.ts";

/** Whether the median reaches what it is to be, in words: `≤ 0.15: reached`. */
export function verdict(
  values: readonly number[],
  { limit, aim }: Limit,
  better: Target["better"],
): string {
  const wanted = `${better === "lower" ? "≤" : "≥"} ${limit}`;
  if (values.length === 0) return `${wanted}: not measured`;
  const ratio = median(values);
  const reaches = (than: number): boolean =>
    better === "lower" ? ratio <= than : ratio >= than;
  if (!reaches(limit)) {
    const percent = Math.max(1, Math.round(Math.abs(ratio / limit - 1) * 100));
    return `${wanted}: **missed** by ${percent} %`;
  }
  if (aim === undefined) return `${wanted}: reached`;
  return `${wanted}: reached, the aim of ${aim} ${reaches(aim) ? "too" : "not yet"}`;
}
