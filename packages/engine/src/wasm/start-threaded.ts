import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { compileFunction } from "node:vm";
import type { WasmFactoryConfig } from "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js";
import { startThreadPool } from "./thread-pool";

const LIBRARY =
  "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js";

/** As many as the library makes a thread of each: it takes half of the cores. */
const CORES_PER_THREAD = 2;

/**
 * emscripten's start of the library with threads. It is compiled with other globals than the program has: it would set
 * `Worker` for the whole process, ask for its cores, and leave listeners on it.
 */
export function threadedEmscripten(
  threads: number,
): (config: WasmFactoryConfig) => Promise<unknown> {
  const path = require.resolve(LIBRARY);
  const load = createRequire(path);
  const cores = { length: threads * CORES_PER_THREAD };
  const globals = {
    module: { exports: {} },
    exports: {},
    __filename: path,
    __dirname: dirname(path),
    require: (name: string): unknown =>
      name === "os" ? { cpus: () => cores } : load(name),
    global: {},
    process: Object.create(process, {
      on: { value: () => {} },
      listeners: { value: undefined },
    }) as object,
    Worker: startThreadPool(threads - 1),
  };
  const run = compileFunction(
    readFileSync(path, "utf8"),
    Object.keys(globals),
    { filename: path },
  ) as (...globals: unknown[]) => void;
  run(...Object.values(globals));
  return globals.module.exports as (
    config: WasmFactoryConfig,
  ) => Promise<unknown>;
}
