/* eslint-disable @typescript-eslint/no-require-imports -- an import() would need an await before a program's first line may compute */
import type { EngineDriver } from "../engine";

/**
 * The engines, those of `auto` fastest first. Lazy: TensorFlow.js takes 0.3 s to load, and the launcher wants no more than the
 * names.
 */
export const REGISTRY = {
  tensorflow: () =>
    (require("./tensorflow") as typeof import("./tensorflow")).tensorflow,
  wasm: () => (require("./wasm") as typeof import("./wasm")).wasm,
  cpu: () => (require("./cpu") as typeof import("./cpu")).cpu,
  webgpu: () => (require("./webgpu") as typeof import("./webgpu")).webgpu,
} satisfies Readonly<Record<string, () => EngineDriver>>;

export type EngineName = keyof typeof REGISTRY;

const REGISTERED = Object.keys(REGISTRY) as readonly EngineName[];

/** `auto` takes the first of these that starts; the others only start where they are asked for. */
export const AUTOMATIC: readonly EngineName[] = ["tensorflow", "wasm", "cpu"];

/** What `tsrun --engine` and TSMPI_ENGINE take. */
export const ENGINE_NAMES: readonly (EngineName | "auto")[] = [
  "auto",
  ...REGISTERED,
];
