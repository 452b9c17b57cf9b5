import { addExtension } from "msgpackr";
import { isPlainObject, typeTag } from "./type-tag";

/** In place of −0, which the packer takes for the integer 0. */
class NegativeZero {}
const NEGATIVE_ZERO = new NegativeZero();

/** An extension type of msgpack that is free for applications. */
const TYPE = 1;

addExtension({
  Class: NegativeZero,
  type: TYPE,
  pack: () => new Uint8Array(0),
  unpack: () => -0,
});

/** The same value for the packer, copied as far as there are lists and objects that −0 may be in. */
export function withNegativeZeros(value: unknown): unknown {
  if (Object.is(value, -0)) return NEGATIVE_ZERO;
  if (typeof value !== "object" || value === null) return value;
  switch (typeTag(value)) {
    case "Array":
      return (value as readonly unknown[]).map(withNegativeZeros);
    case "Map":
      return new Map(
        [...(value as ReadonlyMap<unknown, unknown>)].map(([key, item]) => [
          withNegativeZeros(key),
          withNegativeZeros(item),
        ]),
      );
    case "Set":
      return new Set(
        [...(value as ReadonlySet<unknown>)].map(withNegativeZeros),
      );
    default:
      return isPlainObject(value)
        ? Object.fromEntries(
            Object.entries(value).map(([key, item]) => [
              key,
              withNegativeZeros(item),
            ]),
          )
        : value;
  }
}
