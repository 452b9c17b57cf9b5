/** How much a field holds, in words by which two are compared: `784 numbers`, `1 number`, `a string`. Nested lists are counted through. */
export function extentOf(value: unknown): string {
  if (value === undefined) return "missing";
  const numbers = numbersIn(value);
  if (numbers !== null) return numbersText(numbers);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return value === null
    ? "null"
    : `a${typeof value === "object" ? "n" : ""} ${typeof value}`;
}

/** That of an array of this shape. */
export const extentOfShape = (shape: readonly number[]): string =>
  numbersText(shape.reduce((product, extent) => product * extent, 1));

const numbersText = (count: number): string =>
  `${count} number${count === 1 ? "" : "s"}`;

/** null: it holds something else. */
function numbersIn(value: unknown): number | null {
  if (typeof value === "number" || typeof value === "bigint") return 1;
  if (ArrayBuffer.isView(value)) return (value as Uint8Array).length;
  if (!Array.isArray(value)) return null;
  let sum = 0;
  for (const inside of value) {
    const numbers = numbersIn(inside);
    if (numbers === null) return null;
    sum += numbers;
  }
  return sum;
}
