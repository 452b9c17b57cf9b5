/** `Array`, `Map`, `Float32Array` …: the built-in type of a value, right across realms (jest, vm), where `instanceof` is not. */
export const typeTag = (value: unknown): string =>
  Object.prototype.toString.call(value).slice("[object ".length, -1);

/** An object literal (or one without a prototype), of whatever realm: its prototype is nobody's child. */
export function isPlainObject(value: object): boolean {
  if (typeTag(value) !== "Object") return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** A Map, Date, Float32Array … itself, or a Buffer; not an instance of a class derived from one, which would not arrive as such. */
export function isBuiltIn(value: object): boolean {
  const name = value.constructor?.name;
  return name === typeTag(value) || name === "Buffer";
}
