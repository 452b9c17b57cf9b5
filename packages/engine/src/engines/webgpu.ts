import { createRequire } from "node:module";
import { dirname } from "node:path";
import tf from "@tensorflow/tfjs";
import { EngineError } from "@tsmpi/protocol";
import type { EngineDriver } from "../engine";
import { userPackage } from "../user-package";
import { readBlocking, type WebGpuBackend } from "../webgpu/blocking-reads";
import type { Dawn, Device } from "../webgpu/gpu";
import { startDevice } from "../webgpu/start-device";

const DAWN = "webgpu";
const BACKEND = "@tensorflow/tfjs-backend-webgpu";
const CORE = "@tensorflow/tfjs-core";
/**
 * No others: blocking reads depend on what is no part of their contracts, and with Dawn 0.4.0 no process ends. The user installs
 * them: 160 MB, which only a GPU without CUDA is worth.
 */
const VERSIONS = { [DAWN]: "0.6.2", [BACKEND]: "4.22.0" };
const INSTALL = `npm install ${Object.entries(VERSIONS)
  .map(([name, version]) => `${name}@${version}`)
  .join(" ")}`;

interface BackendPackage {
  readonly WebGPUBackend: new (
    device: Device,
    info: object,
  ) => WebGpuBackend & ReturnType<typeof tf.backend>;
}

/**
 * Computes on any GPU with a driver for Vulkan, Metal or Direct3D 12, through Dawn: for GPUs without CUDA. `auto` does not take
 * it: whether it is faster than wasm depends on the GPU and on the model, and a GPU that can do little more than draw the
 * screen counts as one, too.
 */
export const webgpu: EngineDriver = {
  start({ resolveFrom, device: wanted }) {
    if ("webgpu" in tf.engine().registry)
      throw new EngineError(
        "the program has started TensorFlow.js' webgpu backend itself, whose tensors no dataSync can read; leave its start to this engine",
      );
    const [dawnPath, backendPath] = pathsOfPackages(resolveFrom);
    const dawn = load(DAWN, dawnPath) as Dawn;
    const { adapter, device, turns } = startDevice(dawn);
    const found = adapter.info.isFallbackAdapter ? "cpu" : "gpu";
    if (wanted !== "auto" && wanted !== found)
      throw new EngineError(`Dawn computes on the ${found}`);
    // Only now: it looks for the GPU as it is loaded.
    const { WebGPUBackend } = load(BACKEND, backendPath) as BackendPackage;
    const backend = new WebGPUBackend(device, adapter.info);
    readBlocking(backend, turns);
    // The package has registered a factory of its own, which only starts asynchronously.
    if (tf.findBackendFactory("webgpu")) tf.removeBackend("webgpu");
    tf.registerBackend("webgpu", () => backend, 3);
    // Its promise has resolved already: a backend whose factory is synchronous is set before setBackend returns.
    void tf.setBackend("webgpu");
    return {
      device: found,
      version: VERSIONS[BACKEND],
      tf,
    };
  },
};

/** @returns what `require` would load: Dawn, and the backend */
function pathsOfPackages(resolveFrom: readonly string[]): [string, string] {
  const paths = Object.entries(VERSIONS).map(([name, version]) => {
    const path = userPackage(name, resolveFrom);
    if (path === null)
      throw new EngineError(
        `${name} is not installed beside the program; ${INSTALL}`,
      );
    const found = versionOf(name, path);
    if (found !== version)
      throw new EngineError(
        `${name} is installed in version ${found}, which this engine is not made for; ${INSTALL}`,
      );
    return path;
  });
  const [dawn, backend] = paths as [string, string];
  // Two copies of TensorFlow.js in one process have an engine each, and the backend would register with the other one.
  const theirs = userPackage(CORE, [dirname(backend)]);
  const ours = createRequire(require.resolve("@tensorflow/tfjs")).resolve(CORE);
  if (theirs !== ours)
    throw new EngineError(
      `${BACKEND} is installed with a TensorFlow.js of its own, ${theirs ?? "none"} instead of ${ours}; npm dedupe, with version 4.22.0 of both`,
    );
  return [dawn, backend];
}

/** Required from its own folder: Node warns of an ES module that is required from outside of `node_modules`. */
function load(name: string, path: string): unknown {
  try {
    return createRequire(path)(path);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const [reason] = text.split("\n");
    throw new EngineError(
      `${name} is installed but does not load (${reason}); ${INSTALL}`,
      { cause: error },
    );
  }
}

const versionOf = (name: string, path: string): string =>
  (createRequire(path)(`${name}/package.json`) as { version: string }).version;
