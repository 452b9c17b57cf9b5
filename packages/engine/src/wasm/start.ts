import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { EngineError } from "@tsmpi/protocol";
import { BackendWasm, setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import emscripten, {
  type BackendWasmModule,
  type WasmFactoryConfig,
} from "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js";
import { shortenSpin } from "./shorten-spin";
import { threadedEmscripten } from "./start-threaded";
import {
  WebAssembly,
  type WebAssemblyInstance,
  type WebAssemblyMemory,
} from "./web-assembly";

const BINARIES = "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm";

/** The library's pool has no more. */
const MOST_THREADS = 8;

/** emscripten fills the object that it is given: what goes in as configuration is the module afterwards. */
interface EmscriptenModule extends WasmFactoryConfig, BackendWasmModule {
  /** A function of the compiled library, by its name, the type of its result and those of its parameters. */
  readonly cwrap: <Wrapped>(
    name: string,
    result: "number" | null,
    parameters: readonly "number"[],
  ) => Wrapped;
  /** With threads, which import it; without, the library exports it. */
  readonly wasmMemory?: WebAssemblyMemory;
}

export interface StartedBackend {
  readonly backend: BackendWasm;
  /** The heap: every tensor of the backend is in it. */
  readonly memory: WebAssemblyMemory;
}

/**
 * TensorFlow.js' WebAssembly backend, started synchronously. The package itself only starts with an await, because browsers forbid
 * compiling a large module on their main thread; Node does not, and the 0.4 MB take about 12 ms. It never starts threads in
 * Node; here their start blocks for about 35 ms.
 *
 * @param wanted so many threads compute, the calling one among them, or as many as the library has
 * @throws {EngineError} this process has no WebAssembly (`node --jitless`), or a thread does not start
 */
export function startBackend(wanted: number): StartedBackend {
  const threads = Math.min(wanted, MOST_THREADS);
  if (WebAssembly === undefined)
    throw new EngineError(
      "this Node.js runs without WebAssembly; start it without --jitless, or with --engine cpu",
    );
  const { Instance, Module, Memory } = WebAssembly;
  const isThreaded = threads > 1;
  const binary = `${BINARIES}-${isThreaded ? "threaded-simd" : "simd"}.wasm`;
  let memory: WebAssemblyMemory | undefined;
  const module = {
    instantiateWasm: (
      imports: object,
      receive: (instance: WebAssemblyInstance, code: object) => void,
    ) => {
      const library = readFileSync(require.resolve(binary));
      const code = new Module(isThreaded ? shortenSpin(library) : library);
      const instance = new Instance(code, imports);
      memory = Object.values(instance.exports).find(
        (exported): exported is WebAssemblyMemory => exported instanceof Memory,
      );
      receive(instance, code);
      return instance.exports;
    },
  } as unknown as EmscriptenModule;
  // Their promises have nothing to wait for: the module is complete when the factory returns.
  if (isThreaded) void threadedEmscripten(threads)(module);
  else
    withoutNewListeners(["uncaughtException", "unhandledRejection"], () => {
      void emscripten(module);
    });
  memory ??= module.wasmMemory;

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
  setThreadsCount(threads);
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
