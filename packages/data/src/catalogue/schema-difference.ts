/**
 * Where two schemas first differ, in words: `fields.label is "int64", not "float"`; null: nowhere. They are plain data.
 *
 * @param path of the two within their schemas
 */
export function schemaDifference(
  found: unknown,
  expected: unknown,
  path = "",
): string | null {
  if (Object.is(found, expected)) return null;
  if (!isTree(found) || !isTree(expected))
    return differs(path, found, expected);
  const names = new Set([...Object.keys(expected), ...Object.keys(found)]);
  for (const name of names) {
    const inside = path === "" ? name : `${path}.${name}`;
    if (!(name in expected)) return `there is also ${inside}`;
    if (!(name in found)) return `there is no ${inside}`;
    const difference = schemaDifference(found[name], expected[name], inside);
    if (difference !== null) return difference;
  }
  return null;
}

type Tree = Readonly<Record<string, unknown>>;

const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null;

const differs = (path: string, found: unknown, expected: unknown): string =>
  `${path === "" ? "the schema" : path} is ${inWords(found)}, not ${inWords(expected)}`;

function inWords(value: unknown): string {
  const text =
    typeof value === "bigint" ? String(value) : JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 78)} …`;
}
