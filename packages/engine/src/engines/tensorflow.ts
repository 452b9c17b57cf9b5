import { createRequire } from "node:module";
import util from "node:util";
import { EngineError } from "@tsmpi/protocol";
import { applyValuesByAdam } from "../adam";
import type {
  DeviceName,
  EngineDriver,
  StartedEngine,
  TensorFlow,
} from "../engine";
import { mayUseGpu } from "../gpus";
import { cacheDirectory } from "../native/cache";
import { installedEngines, tfjsNodeIn } from "../native/installed";
import { lendModules } from "../native/modules";
import { useReluGradKernels } from "../relu-grad";
import { useNativeAdamStep } from "../tensorflow/adam-step";
import { type Binding, nodeBackend } from "../tensorflow/backend";
import { registerMaxPoolGrad } from "../tensorflow/max-pool-grad";
import { tensorflowMemory } from "../tensorflow/memory";
import { registerReluGrad } from "../tensorflow/relu-grad";
import { registerSameTensor } from "../tensorflow/same-tensor";
import { threadCount } from "../threads";
import { userPackage } from "../user-package";

/** The same JavaScript over two builds of TensorFlow's C library; the one that can use a GPU first. */
const PACKAGES = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"];

type NodeTensorFlow = TensorFlow & {
  readonly version: { readonly "tfjs-node"?: string };
};

/** A way to get native TensorFlow. */
interface Candidate {
  readonly start: () => StartedEngine;
  /** What its failure is called, and its cure. */
  readonly describe: (reason: string) => string;
}

export const tensorflow: EngineDriver = {
  start({ resolveFrom, device }) {
    const failures: string[] = [];
    for (const { start, describe } of [
      ...ofUser(resolveFrom),
      ...fromSetup(device),
    ])
      try {
        prepareProcess(device);
        return onWantedDevice(start(), device);
      } catch (error) {
        failures.push(
          error instanceof EngineError
            ? error.message
            : describe(firstLine(error)),
        );
      }
    const gpu = device === "gpu" || (device === "auto" && mayUseGpu());
    throw new EngineError(
      failures.join("; ") ||
        `native TensorFlow is not set up; npx tsrun setup${gpu ? " --gpu" : ""}`,
    );
  },
};

/** Starts what `tsrun setup` has made in `directory`, and nothing else. For its self-test. */
export function startInstalled(directory: string): StartedEngine {
  prepareProcess("auto");
  lendModules();
  return startPackage(tfjsNodeIn(directory));
}

/** What the user has installed beside the program comes first: it is used as it is. */
const ofUser = (resolveFrom: readonly string[]): Candidate[] =>
  PACKAGES.map((name) => ({ name, path: userPackage(name, resolveFrom) }))
    .filter(({ path }) => path !== null)
    .map(({ name, path }) => ({
      start: () => startOwnPackage(name, path!),
      describe: (reason) =>
        `${name} is installed but does not load (${reason}); npm uninstall it and npx tsrun setup, or npm rebuild ${name} --build-addon-from-source`,
    }));

/** A build that can use a GPU computes without one as well, but the other is half its size. */
function fromSetup(device: DeviceName): Candidate[] {
  const engines = installedEngines(cacheDirectory());
  const build = (wanted: "cpu" | "gpu") =>
    engines.filter((engine) => engine.build === wanted);
  const wanted =
    device === "gpu"
      ? build("gpu")
      : device === "auto" && mayUseGpu()
        ? [...build("gpu"), ...build("cpu")]
        : [...build("cpu"), ...build("gpu")];
  return wanted.map(({ directory, build }) => ({
    start: () => {
      lendModules();
      return startPackage(tfjsNodeIn(directory));
    },
    describe: (reason) =>
      `the engine in ${directory} does not load (${reason}); npx tsrun setup${build === "gpu" ? " --gpu" : ""} --force makes it anew`,
  }));
}

function startOwnPackage(name: string, path: string): StartedEngine {
  // Two copies of TensorFlow.js in one process register every kernel twice, and models of one are no models to the other.
  const theirs = createRequire(path).resolve("@tensorflow/tfjs");
  if (theirs !== require.resolve("@tensorflow/tfjs"))
    throw new EngineError(
      `${name} is installed but brings a TensorFlow.js of its own, ${theirs}; npm dedupe, with version 4.22.0 of both`,
    );
  return startPackage(path);
}

function startPackage(path: string): StartedEngine {
  const tf = createRequire(__filename)(path) as NodeTensorFlow;
  if (tf.getBackend() !== "tensorflow")
    throw new EngineError(
      `${path} is installed but computes with its "${tf.getBackend()}" backend`,
    );
  const { isUsingGpuDevice, binding } = nodeBackend();
  if (binding) mendKernels(binding);
  return {
    device: isUsingGpuDevice ? "gpu" : "cpu",
    version: binding?.TF_Version ?? tf.version["tfjs-node"] ?? tf.version.tfjs,
    tf,
    applyValues: applyValuesByAdam,
    ...(binding && { memory: tensorflowMemory(binding) }),
  };
}

/** Fewer ops a step: each costs some 20 µs besides what it computes. */
function mendKernels(binding: Binding): void {
  useNativeAdamStep(binding);
  registerReluGrad(binding);
  useReluGradKernels();
  registerMaxPoolGrad(binding);
  registerSameTensor(binding);
}

function onWantedDevice(
  started: StartedEngine,
  wanted: DeviceName,
): StartedEngine {
  if (wanted !== "auto" && wanted !== started.device)
    throw new EngineError(
      wanted === "gpu"
        ? "TensorFlow finds no GPU that it can use; npx tsrun doctor says why"
        : `TensorFlow computes on the ${started.device}`,
    );
  return started;
}

/** The library reads these once, when it is loaded. What the user has set stays. */
function prepareProcess(device: DeviceName): void {
  if (device === "cpu") process.env.CUDA_VISIBLE_DEVICES = "-1";
  const threads = String(threadCount());
  // By default each rank of a host would start as many threads as the host has cores.
  process.env.TF_NUM_INTRAOP_THREADS ??= threads;
  process.env.TF_NUM_INTEROP_THREADS ??= threads;
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
  // By default the first rank on a GPU would take all of its memory.
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= "true";
  // tfjs-node 4.22.0 calls this; Node.js 22 warns of it and 23 removed it.
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) =>
      value === null || value === undefined,
  });
}

/** A missing library is named in the first line; Node.js adds its stack of require calls. */
const firstLine = (error: unknown): string =>
  String(error instanceof Error ? error.message : error).split("\n")[0]!;
