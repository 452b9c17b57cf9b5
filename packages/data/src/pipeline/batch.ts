import type { Block, Ids } from "./block";
import { collate } from "../records/collate";
import type { LentMemory } from "../records/column-memory";
import type { Pass } from "./pass";

export interface BatchOptions {
  readonly batchSize: number;
  readonly dropRemainder: boolean;
  /** Of columns that records are decoded straight into; null: they get memory of their own. */
  readonly memory: LentMemory | null;
}

/**
 * Puts every `batchSize` items together, as `collate` does. The last batch of an epoch may be smaller, or is left out.
 *
 * @throws {DataError} items that are not alike
 */
export async function* batch(
  blocks: AsyncIterable<Block<unknown>>,
  { batchSize, dropRemainder }: Omit<BatchOptions, "memory">,
  pass: Pass,
): AsyncGenerator<Block<unknown>> {
  let waiting: { items: unknown[]; ids: Ids[] } = { items: [], ids: [] };
  const close = (): Block<unknown> => {
    const { items, ids } = waiting;
    waiting = { items: [], ids: [] };
    const collated = collate(items, (i) => pass.placeOf(ids[i]!));
    return { items: [collated], ids: [ids.flat()] };
  };
  for await (const { items, ids } of blocks)
    for (let i = 0; i < items.length; i++) {
      waiting.items.push(items[i]);
      waiting.ids.push(ids[i]!);
      if (waiting.items.length === batchSize) yield close();
    }
  if (waiting.items.length === 0) return;
  if (dropRemainder) waiting.ids.forEach((ids) => pass.dropped(ids));
  else yield close();
}
