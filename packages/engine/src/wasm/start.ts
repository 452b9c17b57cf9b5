import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { EngineError } from "@tsmpi/protocol";
import { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import emscripten, {
  type BackendWasmModule,
  type WasmFactoryConfig,
} from "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js";
import {
  WebAssembly,
  type WebAssemblyInstance,
  type WebAssemblyMemory,
} from "./web-assembly";

const BINARY =
  "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm";

/** emscripten fills the object that it is given: what goes in as configuration is the module afterwards. */
interface EmscriptenModule extends WasmFactoryConfig, BackendWasmModule {
  /** A function of the compiled library, by its name, the type of its result and those of its parameters. */
  readonly cwrap: <Wrapped>(
    name: string,
    result: "number" | null,
    parameters: readonly "number"[],
  ) => Wrapped;
}

export interface StartedBackend {
  readonly backend: BackendWasm;
  /** The heap: every tensor of the backend is in it. */
  readonly memory: WebAssemblyMemory;
}

/**
 * TensorFlow.js' WebAssembly backend, started synchronously. The package itself only starts with an await, because browsers forbid
 * compiling a large module on their main thread; Node does not, and the 0.4 MB take about 12 ms.
 *
 * @throws {EngineError} this process has no WebAssembly (`node --jitless`)
 */
export function startBackend(): StartedBackend {
  if (WebAssembly === undefined)
    throw new EngineError(
      "this Node.js runs without WebAssembly; start it without --jitless, or with --engine cpu",
    );
  const { Instance, Module, Memory } = WebAssembly;
  let memory: WebAssemblyMemory | undefined;
  const module = {
    instantiateWasm: (
      imports: object,
      receive: (instance: WebAssemblyInstance) => void,
    ) => {
      const code = new Module(readFileSync(require.resolve(BINARY)));
      const instance = new Instance(code, imports);
      memory = Object.values(instance.exports).find(
        (exported): exported is WebAssemblyMemory => exported instanceof Memory,
      );
      receive(instance);
      return instance.exports;
    },
  } as unknown as EmscriptenModule;
  withoutNewListeners(["uncaughtException", "unhandledRejection"], () => {
    // Its promise has nothing to wait for: the module is complete when the factory returns.
    void emscripten(module);
  });

  const { cwrap } = module;
  module.tfjs = {
    init: cwrap("init", null, []),
    initWithThreadsCount: cwrap("init_with_threads_count", null, ["number"]),
    getThreadsCount: cwrap("get_threads_count", "number", []),
    registerTensor: cwrap("register_tensor", null, [
      "number",
      "number",
      "number",
    ]),
    disposeData: cwrap("dispose_data", null, ["number"]),
    dispose: cwrap("dispose", null, []),
  };
  assert(memory, "the library exports its memory");
  return { backend: new BackendWasm(module), memory };
}

/**
 * Takes back the listeners that `body` adds to the process. emscripten's rethrow what they are given, so that an uncaught error
 * would end the program with exit code 7 instead of 1 and print 38 kB of minified code.
 */
function withoutNewListeners(
  events: readonly string[],
  body: () => void,
): void {
  const before = events.map((event) => new Set(process.rawListeners(event)));
  body();
  events.forEach((event, index) => {
    for (const listener of process.rawListeners(event))
      if (!before[index]!.has(listener))
        process.removeListener(event, listener as () => void);
  });
}
