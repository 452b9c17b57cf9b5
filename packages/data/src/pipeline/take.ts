import type { Block } from "./block";
import type { Pass } from "./pass";

/** The first items of an epoch; no more are read than must be, but some, so that the epoch begins: other ranks may wait for that. */
export async function* take<T>(
  blocks: AsyncIterable<Block<T>>,
  count: number,
): AsyncGenerator<Block<T>> {
  let left = count;
  for await (const { items, ids } of blocks) {
    if (left === 0) return;
    yield items.length <= left
      ? { items, ids }
      : { items: items.slice(0, left), ids: ids.slice(0, left) };
    left -= items.length;
    if (left <= 0) return;
  }
}

/** All but the first items of an epoch. */
export async function* skip<T>(
  blocks: AsyncIterable<Block<T>>,
  count: number,
  pass: Pass,
): AsyncGenerator<Block<T>> {
  let left = count;
  for await (const { items, ids } of blocks) {
    const here = Math.min(left, items.length);
    left -= here;
    for (let i = 0; i < here; i++) pass.dropped(ids[i]!);
    if (here < items.length)
      yield { items: items.slice(here), ids: ids.slice(here) };
  }
}
