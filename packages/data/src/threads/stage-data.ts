import {
  type AnyFunction,
  findFunction,
  type FunctionReference,
} from "@tsmpi/protocol";
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
  | Exclude<
      Stage,
      { readonly kind: "map" | "filter" | "mapInThreads" | "cache" }
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
    case "select":
    case "batch":
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
    case "select":
    case "batch":
    case "shuffle":
    case "take":
    case "skip":
    case "prefetch":
      return data;
  }
}
