/* eslint-disable @typescript-eslint/no-require-imports -- an import() would need an await before a program's first line may compute */
import type { EngineDriver } from "../engine";

/**
 * The engines, fastest first: `auto` takes the first that starts. Lazy: TensorFlow.js takes 0.3 s to load, and the launcher wants
 * no more than the names.
 */
export const REGISTRY = {
  tensorflow: () =>
    (require("./tensorflow") as typeof import("./tensorflow")).tensorflow,
  wasm: () => (require("./wasm") as typeof import("./wasm")).wasm,
  cpu: () => (require("./cpu") as typeof import("./cpu")).cpu,
} satisfies Readonly<Record<string, () => EngineDriver>>;

export type EngineName = keyof typeof REGISTRY;

export const REGISTERED = Object.keys(REGISTRY) as readonly EngineName[];

/** What `tsrun --engine` and TSMPI_ENGINE take. */
export const ENGINE_NAMES: readonly (EngineName | "auto")[] = [
  "auto",
  ...REGISTERED,
];
