import { formatSize } from "../../packages/tsmpi/dist/bench/sizes.js";

/** For people: `4 B`, `64 KiB`, `25 MB`. */
export function sizeText(bytes: number): string {
  const [, number, unit] = /^(\d+)(.*)$/.exec(formatSize(bytes))!;
  return `${number} ${unit || "B"}`;
}
