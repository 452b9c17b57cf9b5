import {
  type AnyFunction,
  findFunction,
  type FunctionReference,
} from "@tsmpi/protocol";
import type { BatchOptions } from "../pipeline/batch";
import type { Stage } from "../pipeline/stage";
import { MapPool } from "./map-pool";
import { threadFunction } from "./thread-function";

/** A stage, as another thread is told of it. */
export type StageData =
  | { readonly kind: "map" | "filter"; readonly fn: FunctionReference }
  | {
      readonly kind: "mapInThreads";
      readonly fn: FunctionReference;
      readonly threads: number;
    }
  | { readonly kind: "cache" }
  | ({ readonly kind: "batch" } & Omit<BatchOptions, "memory">)
  | Exclude<
      Stage,
      { readonly kind: "map" | "filter" | "mapInThreads" | "cache" | "batch" }
    >;

/**
 * @param who the method that brings the stage to another thread
 * @throws {ArgumentError} a function of it cannot be found there
 */
export function stageData(who: string, stage: Stage): StageData {
  switch (stage.kind) {
    case "map":
    case "filter":
      return { kind: stage.kind, fn: threadFunction(who, stage.fn) };
    case "mapInThreads": {
      const { kind, fn, threads } = stage;
      return { kind, fn, threads };
    }
    case "cache":
      return { kind: "cache" };
    case "batch": {
      const { kind, batchSize, dropRemainder } = stage;
      return { kind, batchSize, dropRemainder };
    }
    case "select":
    case "shuffle":
    case "take":
    case "skip":
    case "prefetch":
      return stage;
  }
}

/** @throws {ArgumentError} a function of it is not where it was */
export async function stageOf(data: StageData): Promise<Stage> {
  switch (data.kind) {
    case "map":
    case "filter": {
      const fn: AnyFunction = await findFunction(data.fn, null);
      return { kind: data.kind, fn };
    }
    case "mapInThreads": {
      const { fn, threads } = data;
      return { ...data, pool: new MapPool(fn, threads) };
    }
    case "cache":
      return { kind: "cache", memory: { blocks: null } };
    case "batch":
      return { ...data, memory: null };
    case "select":
    case "shuffle":
    case "take":
    case "skip":
    case "prefetch":
      return data;
  }
}
