import type { AnyFunction, FunctionReference } from "@tsmpi/protocol";
import type { MapPool } from "../threads/map-pool";
import { batch, type BatchOptions } from "./batch";
import type { Block } from "./block";
import { type CacheMemory, cache } from "./cache";
import { filter } from "./filter";
import { map } from "./map";
import type { Pass } from "./pass";
import { prefetch } from "./prefetch";
import { select, type Selection } from "./select";
import { shuffle } from "./shuffle";
import { skip, take } from "./take";

/** A step of a pipeline, as data. */
export type Stage =
  | { readonly kind: "map" | "filter"; readonly fn: AnyFunction }
  | {
      readonly kind: "mapInThreads";
      readonly fn: FunctionReference;
      readonly threads: number;
      readonly pool: MapPool;
    }
  | { readonly kind: "select"; readonly fields: Selection }
  | ({ readonly kind: "batch" } & BatchOptions)
  | { readonly kind: "shuffle"; readonly bufferSize: number }
  | { readonly kind: "take" | "skip"; readonly count: number }
  | { readonly kind: "prefetch"; readonly count: number }
  | { readonly kind: "cache"; readonly memory: CacheMemory };

type Blocks = AsyncIterable<Block<unknown>>;

/** What comes out of a stage in one epoch. Nothing happens before the first block is asked for. */
export function runStage(stage: Stage, blocks: Blocks, pass: Pass): Blocks {
  switch (stage.kind) {
    case "map":
      return map(blocks, stage.fn as (item: unknown) => unknown, pass);
    case "mapInThreads":
      return stage.pool.map(blocks, pass);
    case "filter":
      return filter(blocks, stage.fn as (item: unknown) => unknown, pass);
    case "select":
      return select(blocks, stage.fields, pass);
    case "batch":
      return batch(blocks, stage, pass);
    case "shuffle":
      return shuffle(blocks, stage.bufferSize, pass);
    case "take":
      return take(blocks, stage.count);
    case "skip":
      return skip(blocks, stage.count, pass);
    case "prefetch":
      return prefetch(blocks, stage.count);
    case "cache":
      return cache(blocks, stage.memory, pass);
  }
}
