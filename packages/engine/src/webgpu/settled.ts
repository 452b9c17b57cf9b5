import { inspect } from "node:util";

/**
 * What a promise has been resolved to already, without an await: Node shows it to whoever inspects the promise.
 *
 * @param type class of what is looked for
 * @returns null: it is pending, rejected, or resolved to something else
 */
export function settled<T extends object>(
  promise: Promise<T | null>,
  type: { readonly prototype: T },
): T | null {
  let value: T | null = null;
  const prototype = type.prototype as { [inspect.custom]?: unknown };
  prototype[inspect.custom] = function (this: T) {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- `this` is the value
    value = this;
    return "";
  };
  try {
    inspect(promise);
  } finally {
    delete prototype[inspect.custom];
  }
  return value;
}
