const DIGITS_AND_OTHERS = /\d+|\D+/g;

/** As people count: `shard-2` before `shard-10`. The same on every machine, whatever its language. */
export function inNaturalOrder(a: string, b: string): number {
  const [left, right] = [a, b].map((name) => name.match(DIGITS_AND_OTHERS));
  const parts = Math.min(left?.length ?? 0, right?.length ?? 0);
  for (let i = 0; i < parts; i++) {
    const order = compareParts(left![i]!, right![i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length || byCodeUnits(a, b);
}

function compareParts(a: string, b: string): number {
  if (!isNumber(a) || !isNumber(b)) return byCodeUnits(a, b);
  const [left, right] = [a, b].map((digits) => digits.replace(/^0+/, ""));
  return left!.length - right!.length || byCodeUnits(left!, right!);
}

const isNumber = (part: string): boolean => part >= "0" && part < ":";

const byCodeUnits = (a: string, b: string): number =>
  a < b ? -1 : a > b ? 1 : 0;
