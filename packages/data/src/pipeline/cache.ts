import type { Block } from "./block";
import type { Pass } from "./pass";

/** Of one stage, for all its epochs. */
export interface CacheMemory {
  blocks: readonly Block<unknown>[] | null;
}

/** The first whole epoch stays in memory, and is what later ones are made of: nothing before this stage runs again. */
export async function* cache<T>(
  blocks: AsyncIterable<Block<T>>,
  memory: CacheMemory,
  { plan }: Pass,
): AsyncGenerator<Block<T>> {
  if (memory.blocks !== null) {
    yield* memory.blocks as readonly Block<T>[];
    return;
  }
  // A resumed epoch is not whole.
  const isWhole = Object.keys(plan.seen).length === 0;
  const kept: Block<T>[] = [];
  for await (const block of blocks) {
    if (isWhole) kept.push(block);
    yield block;
  }
  if (isWhole) memory.blocks = kept;
}
