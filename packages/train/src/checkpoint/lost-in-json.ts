/**
 * What JSON would lose or change in a value; null if it stays what it is.
 *
 * @param path where the value is, for the message
 * @param above what holds it
 */
export function lostInJson(
  value: unknown,
  path: string,
  above: readonly unknown[] = [],
): string | null {
  switch (typeof value) {
    case "string":
    case "boolean":
      return null;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0)
        ? null
        : `${path} is ${Object.is(value, -0) ? "-0" : value}`;
    case "object":
      return value === null ? null : lostInObject(value, path, above);
    case "undefined":
    case "bigint":
    case "function":
    case "symbol":
      return `${path} is of type ${typeof value}`;
  }
}

function lostInObject(
  value: object,
  path: string,
  above: readonly unknown[],
): string | null {
  if (above.includes(value)) return `${path} is part of itself`;
  if (!Array.isArray(value) && !isPlain(value))
    return `${path} is a ${value.constructor.name}`;
  // Spread, a hole of an array is undefined.
  const entries = Array.isArray(value)
    ? [...(value as unknown[])].map((inner, i) => [`[${i}]`, inner] as const)
    : Object.entries(value).map(([key, inner]) => [`.${key}`, inner] as const);
  for (const [key, inner] of entries) {
    const lost = lostInJson(inner, path + key, [...above, value]);
    if (lost !== null) return lost;
  }
  return null;
}

/** Of whatever realm: the prototype is `Object.prototype`, or there is none. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
