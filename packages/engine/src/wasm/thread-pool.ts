import { strict as assert } from "node:assert";
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { EngineError } from "@tsmpi/protocol";

/** What emscripten says to a thread: first "load", with the code and the memory, then "run", with what to compute. */
interface Message {
  readonly cmd: string;
}

interface Thread {
  readonly worker: Worker;
  /** In shared memory: 1 as soon as the thread has loaded the library. */
  readonly loaded: Int32Array;
}

const CODE =
  "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.worker.js";
const START_DEADLINE_MS = 30_000;

/**
 * The class that emscripten takes for `Worker`. Its own start is asynchronous: a thread answers "loaded" by a message, which the main
 * thread only hears in its event loop. Here the answer is given at once, and the first "run" blocks until the thread has loaded.
 * Emscripten makes eight whatever it is asked for; only `count` of them are threads, and start while the main thread compiles.
 */
export function startThreadPool(count: number) {
  const threads = Array.from({ length: count }, startThread);
  let loading = false;
  return class {
    /** Set by emscripten. */
    declare onmessage: (event: { readonly data: Message }) => void;
    #worker: Worker | null = null;

    /** @throws {EngineError} the thread did not start in time */
    postMessage(message: Message): void {
      switch (message.cmd) {
        case "load":
          if (!loading)
            for (const { worker } of threads) worker.postMessage(message);
          loading = true;
          return this.onmessage({ data: { cmd: "loaded" } });
        case "run":
          this.#worker ??= takeLoaded(threads);
      }
      this.#worker?.postMessage(message);
    }

    terminate(): void {
      void this.#worker?.terminate();
    }

    /** Threads say nothing to the main thread after "loaded": they meet in the shared memory. */
    on(): void {}
    ref(): void {}
    unref(): void {}
  };
}

function startThread(): Thread {
  const { wasmWorkerContents } = createRequire(__filename)(CODE) as {
    readonly wasmWorkerContents: string;
  };
  // Line ends within its strings were meant to be written as \n.
  const code = `${wasmWorkerContents.replaceAll("\n", "\\n")}
    const answer = self.startWorker;
    self.startWorker = (library) => {
      answer(library);
      const { loaded } = nodeWorkerThreads.workerData;
      Atomics.store(loaded, 0, 1);
      Atomics.notify(loaded, 0);
    };`;
  const loaded = new Int32Array(new SharedArrayBuffer(4));
  // Without the loaders of the program: one that asks the main thread, which is blocked, would wait for ever.
  const options = { eval: true, execArgv: [], env: {} };
  const worker = new Worker(code, { ...options, workerData: { loaded } });
  // A program that has come to its end does not wait for its threads.
  worker.unref();
  return { worker, loaded };
}

function takeLoaded(threads: Thread[]): Worker {
  const thread = threads.pop();
  assert(thread, "the library runs as many threads as it was asked for");
  const { worker, loaded } = thread;
  if (Atomics.wait(loaded, 0, 0, START_DEADLINE_MS) !== "timed-out")
    return worker;
  throw new EngineError(
    `a thread of the WebAssembly backend did not start within ${START_DEADLINE_MS} ms; OMP_NUM_THREADS=1 computes without`,
  );
}
