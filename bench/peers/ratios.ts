/** The one ÷ the other, in each round that has both. */
export const ratios = (
  ours: readonly number[],
  peers: readonly number[],
): number[] =>
  ours.slice(0, peers.length).map((value, round) => value / peers[round]!);

/** Of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const last = sorted.length - 1;
  return (sorted[Math.floor(last / 2)]! + sorted[Math.ceil(last / 2)]!) / 2;
}

/** `0.14 (0.12–0.17)`: the median, the least and the greatest; `–` where there is nothing. */
export function spread(
  values: readonly number[],
  textOf: (value: number) => string,
): string {
  if (values.length === 0) return "–";
  const [middle, least, greatest] = [
    median(values),
    Math.min(...values),
    Math.max(...values),
  ].map(textOf);
  return values.length === 1 ? middle! : `${middle} (${least}–${greatest})`;
}

/** As many digits as a ratio bears: `0.0042`, `0.14`, `1.15`, `12`. */
export function ratioText(ratio: number): string {
  if (ratio >= 10) return wholeText(ratio);
  return ratio >= 1 ? ratio.toFixed(2) : ratio.toPrecision(2);
}

/** `0.0142`, `33.1`, `1,047` */
export const millisecondsText = (ms: number): string =>
  ms >= 100 ? wholeText(ms) : ms.toPrecision(3);

/** `13,412` */
export const wholeText = (value: number): string =>
  Math.round(value).toLocaleString("en-US");
