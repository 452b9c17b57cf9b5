import { DataError, dtypeOf, type TypedArray } from "@tsmpi/protocol";

/**
 * A value as JSON, in one line. Typed arrays become arrays; −0 stays −0.
 *
 * @param path of the value within the record, for errors
 * @throws {DataError} what JSON has no way to say: NaN, infinities, bigints, undefined, instances of classes
 */
export function jsonOf(value: unknown, path: string): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      return numberOf(value, path);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      return value === null ? "null" : structureOf(value, path);
    case "bigint":
      throw new DataError(
        `${path} is the bigint ${value}, which JSON readers would round; make it a number or text first`,
      );
    case "undefined":
    case "symbol":
    case "function":
      throw new DataError(`${path} is ${typeof value}, which JSON cannot hold`);
  }
}

function numberOf(value: number, path: string): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0" : `${value}`;
  throw new DataError(
    `${path} is ${value}, which JSON cannot hold; write null in its place, or another format`,
  );
}

function structureOf(value: object, path: string): string {
  if (Array.isArray(value))
    return `[${value.map((item, i) => jsonOf(item, `${path}[${i}]`)).join()}]`;
  if (dtypeOf(value) !== null)
    return `[${Array.from<number | bigint, string>(value as TypedArray, (item, i) => jsonOf(item, `${path}[${i}]`)).join()}]`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    throw new DataError(
      `${path} is an instance of ${value.constructor.name}, which JSON cannot hold`,
    );
  return `{${Object.entries(value)
    .map(
      ([name, item]) =>
        `${JSON.stringify(name)}:${jsonOf(item, path === "" ? name : `${path}.${name}`)}`,
    )
    .join()}}`;
}
