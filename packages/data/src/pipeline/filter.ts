import type { Block, Ids } from "./block";
import { failed } from "./map";
import type { Pass } from "./pass";

/** Leaves out the items for which `fn` returns nothing true. */
export async function* filter<T>(
  blocks: AsyncIterable<Block<T>>,
  fn: (item: T) => unknown,
  pass: Pass,
): AsyncGenerator<Block<T>> {
  for await (const { items, ids } of blocks) {
    const kept: { items: T[]; ids: Ids[] } = { items: [], ids: [] };
    let i = 0;
    try {
      for (; i < items.length; i++)
        if (fn(items[i]!)) {
          kept.items.push(items[i]!);
          kept.ids.push(ids[i]!);
        } else pass.dropped(ids[i]!);
    } catch (error) {
      throw failed("filter", error, pass.placeOf(ids[i]!));
    }
    if (kept.items.length > 0) yield kept;
  }
}
