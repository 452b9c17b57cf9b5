import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import util from "node:util";
import { EngineError, readEnvironment } from "@tsmpi/protocol";
import type { EngineDriver, TensorFlow } from "../engine";

/** The same JavaScript over two builds of TensorFlow's C library; the one that can use a GPU first. */
const PACKAGES = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"];

/** What tfjs-node's backend says about itself beyond the contract of TensorFlow.js. */
interface NodeBackend {
  readonly isUsingGpuDevice?: boolean;
}
type NodeTensorFlow = TensorFlow & {
  readonly version: { readonly "tfjs-node"?: string };
};

export const tensorflow: EngineDriver = {
  start({ resolveFrom }) {
    const failures: string[] = [];
    for (const name of PACKAGES) {
      const path = resolve(name, resolveFrom);
      if (path === null) continue;
      try {
        return startPackage(path);
      } catch (error) {
        failures.push(`${name} is installed but ${describe(error, name)}`);
      }
    }
    throw new EngineError(
      failures.join("; ") ||
        `${PACKAGES[1]} is not installed beside the program; npm install ${PACKAGES[1]}`,
    );
  },
};

function describe(error: unknown, name: string): string {
  if (error instanceof EngineError) return error.message;
  // A missing library is named in the first line; Node.js adds its stack of require calls.
  const [reason] = String(error instanceof Error ? error.message : error).split(
    "\n",
  );
  return `does not load (${reason}); npm rebuild ${name} --build-addon-from-source may mend it`;
}

function startPackage(path: string) {
  const load = createRequire(path);
  // Two copies of TensorFlow.js in one process register every kernel twice, and models of one are no models to the other.
  const theirs = load.resolve("@tensorflow/tfjs");
  if (theirs !== require.resolve("@tensorflow/tfjs"))
    throw new EngineError(
      `brings a TensorFlow.js of its own, ${theirs}; npm dedupe, with version 4.22.0 of both`,
    );
  prepareProcess();
  const tf = load(path) as NodeTensorFlow;
  if (tf.getBackend() !== "tensorflow")
    throw new EngineError(`computes with its "${tf.getBackend()}" backend`);
  const { isUsingGpuDevice } = tf.backend() as NodeBackend;
  return {
    device: isUsingGpuDevice ? ("gpu" as const) : ("cpu" as const),
    version: tf.version["tfjs-node"] ?? tf.version.tfjs,
    tf,
  };
}

/** The library reads these once, when it is loaded. What the user has set stays. */
function prepareProcess(): void {
  const { localSize } = readEnvironment(process.env);
  const threads = Math.max(1, Math.floor(availableParallelism() / localSize));
  // By default each rank of a host would start as many threads as the host has cores.
  process.env.TF_NUM_INTRAOP_THREADS ??= String(threads);
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
  // By default the first rank on a GPU would take all of its memory.
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= "true";
  // tfjs-node 4.22.0 calls this; Node.js 22 warns of it and 23 removed it.
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) =>
      value === null || value === undefined,
  });
}

function resolve(
  packageName: string,
  directories: readonly string[],
): string | null {
  for (const directory of directories)
    try {
      return createRequire(join(directory, "program.js")).resolve(packageName);
    } catch {
      // Not from here; another directory may know it.
    }
  return null;
}
