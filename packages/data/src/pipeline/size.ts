import type { Stage } from "./stage";

/** How many items come out of a stage in an epoch with so many; null: that is seen only when it is over. */
export function sizeBehind(stage: Stage, items: number): number | null {
  switch (stage.kind) {
    case "filter":
      return null;
    case "batch": {
      const { batchSize, dropRemainder } = stage;
      const batches = items / batchSize;
      return dropRemainder ? Math.floor(batches) : Math.ceil(batches);
    }
    case "take":
      return Math.min(items, stage.count);
    case "skip":
      return Math.max(0, items - stage.count);
    case "map":
    case "mapInThreads":
    case "select":
    case "shuffle":
    case "prefetch":
    case "cache":
      return items;
  }
}
