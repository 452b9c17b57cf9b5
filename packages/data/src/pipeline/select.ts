import { type Kind, isObject, TEXT } from "@tsmpi/protocol";
import type { Block } from "./block";
import { failed } from "./map";
import type { Pass } from "./pass";

/** Which field of an item: by its name; or several, under names of their own. Plain data. */
export type Selection<T = Readonly<Record<string, unknown>>> =
  (keyof T & string) | { readonly [name: string]: Selection<T> };

/** What `select` makes of items of type T. */
export type Selected<T, Fields> = Fields extends keyof T
  ? T[Fields]
  : { readonly [Name in keyof Fields]: Selected<T, Fields[Name]> };

/** What `select` takes: an object of names, which may have such objects in it. */
export const FIELDS: Kind = {
  words:
    'names of fields under names of their own, such as { xs: "image", ys: "label" }',
  has(value) {
    if (!isObject(value)) return false;
    const fields = Object.values(value);
    return (
      fields.length > 0 &&
      fields.every((one) => TEXT.has(one) || FIELDS.has(one))
    );
  },
};

/** Of each item the fields that are wanted, under the names that are wanted. */
export async function* select(
  blocks: AsyncIterable<Block<unknown>>,
  fields: Selection,
  pass: Pass,
): AsyncGenerator<Block<unknown>> {
  for await (const { items, ids } of blocks) {
    const selected = items.map((item, i) => {
      try {
        return pick(item as Item, fields);
      } catch (error) {
        throw failed("select", error, pass.placeOf(ids[i]!));
      }
    });
    yield { items: selected, ids };
  }
}

type Item = Readonly<Record<string, unknown>>;

function pick(item: Item, fields: Selection): unknown {
  if (typeof fields === "string") {
    if (fields in item) return item[fields];
    throw new Error(
      `there is no field "${fields}"; its fields are ${Object.keys(item).join(", ")}`,
    );
  }
  const picked: Record<string, unknown> = {};
  for (const name in fields) picked[name] = pick(item, fields[name]!);
  return picked;
}
