import { permutation } from "../permutation";
import { randomStream } from "../random-stream";
import type { Block, Ids } from "./block";
import type { Pass } from "./pass";

/**
 * Items in a random order, which (seed, epoch) decide: each that arrives takes the place of one of the `bufferSize` that wait, which
 * goes on. A buffer as large as the dataset makes every order as likely as any other.
 */
export async function* shuffle<T>(
  blocks: AsyncIterable<Block<T>>,
  bufferSize: number,
  { plan: { seed, epoch } }: Pass,
): AsyncGenerator<Block<T>> {
  const random = randomStream(seed, "shuffle", epoch);
  const waiting: { items: T[]; ids: Ids[] } = { items: [], ids: [] };
  for await (const { items, ids } of blocks) {
    const leaving: { items: T[]; ids: Ids[] } = { items: [], ids: [] };
    for (let i = 0; i < items.length; i++) {
      if (waiting.items.length < bufferSize) {
        waiting.items.push(items[i]!);
        waiting.ids.push(ids[i]!);
        continue;
      }
      const at = Math.floor(random() * bufferSize);
      leaving.items.push(waiting.items[at]!);
      leaving.ids.push(waiting.ids[at]!);
      waiting.items[at] = items[i]!;
      waiting.ids[at] = ids[i]!;
    }
    if (leaving.items.length > 0) yield leaving;
  }
  const order = Array.from(permutation(waiting.items.length, random));
  if (order.length > 0)
    yield {
      items: order.map((i) => waiting.items[i]!),
      ids: order.map((i) => waiting.ids[i]!),
    };
}
