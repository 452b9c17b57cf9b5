import { dirname } from "node:path";
import { EngineError, readEnvironment, registeredName } from "@tsmpi/protocol";
import {
  type ApplyValues,
  DEVICES,
  type StartedEngine,
  type StartOptions,
} from "./engine";
import { registerFileScheme } from "./file-scheme";
import { mayUseGpu } from "./gpus";
import { recipeFor } from "./setup/recipe";
import { plainMemory, type TensorMemory } from "./tensor-memory";
import { AUTOMATIC, ENGINE_NAMES, REGISTRY, type EngineName } from "./engines";

export interface Engine extends StartedEngine {
  readonly name: EngineName;
  /** One sentence: why this one and not a faster one. */
  readonly why: string;
  /** One command that would bring a faster one, and what it brings; null where there is none, or this one was asked for. */
  readonly faster: string | null;
}

export interface LoadOptions {
  /** One of ENGINE_NAMES; default TSMPI_ENGINE. */
  readonly engine?: string;
  /** One of DEVICES; default TSMPI_DEVICE. */
  readonly device?: string;
  /** Where the user's packages are looked for first; default the directory of the script, then the working directory. */
  readonly resolveFrom?: string;
}

let loaded: Engine | null = null;
const listeners: ((engine: Engine) => void)[] = [];

/**
 * The engine of this process; starts it on the first call, synchronously, so that the next line may compute.
 *
 * @throws {UnknownNameError} no engine has that name; lists those there are
 * @throws {EngineError} the engine that was asked for cannot be had, or another one computes already
 */
export function loadEngine({
  engine,
  device,
  resolveFrom,
}: LoadOptions = {}): Engine {
  if (loaded && engine === undefined) return loaded;
  const environment = readEnvironment(process.env);
  const wanted = registeredName(
    "engine",
    engine ?? environment.engine,
    ENGINE_NAMES,
  );
  if (loaded) {
    if (wanted === "auto" || wanted === loaded.name) return loaded;
    throw new EngineError(
      `engine "${wanted}" cannot be had: "${loaded.name}" computes in this process already; ask for it before tf is first used, e.g. with tsrun --engine ${wanted}`,
    );
  }
  const options: StartOptions = {
    resolveFrom: [resolveFrom, scriptDirectory(), process.cwd()].filter(
      (directory) => directory !== undefined,
    ),
    device: registeredName("device", device ?? environment.device, DEVICES),
  };
  loaded =
    wanted === "auto" ? startFastest(options) : startWanted(wanted, options);
  if (loaded.name !== "tensorflow") registerFileScheme(loaded.tf);
  for (const listener of listeners.splice(0)) listener(loaded);
  return loaded;
}

/** Null as long as nothing has needed an engine. */
export const loadedEngine = (): Engine | null => loaded;

/** Of the backend that computes, which is not the engine's if the program has set another one. */
export function tensorMemory(): TensorMemory {
  const { tf, name, memory } = loadEngine();
  return (tf.getBackend() === name && memory) || plainMemory(tf);
}

/** See ApplyValues. */
export const applyValues: ApplyValues = (optimizer, gradients) =>
  loadEngine().applyValues?.(optimizer, gradients) ?? false;

/** Calls `listener` once: at once if an engine is loaded, else as soon as one is. */
export function onEngineLoaded(listener: (engine: Engine) => void): void {
  if (loaded) listener(loaded);
  else listeners.push(listener);
}

function startWanted(name: EngineName, options: StartOptions): Engine {
  try {
    const started = REGISTRY[name]().start(options);
    return {
      ...{ ...started, name, why: `"${name}" was asked for` },
      faster: null,
    };
  } catch (error) {
    throw new EngineError(cannotBeHad(name, error), { cause: error });
  }
}

function startFastest(options: StartOptions): Engine {
  const reasons: string[] = [];
  for (const name of AUTOMATIC)
    try {
      const started = REGISTRY[name]().start(options);
      const why = reasons.join("; ") || "it is the fastest engine there is";
      const faster = fasterThan({ name, device: started.device });
      return { ...started, name, why, faster };
    } catch (error) {
      reasons.push(cannotBeHad(name, error));
    }
  throw new EngineError(reasons.join("; "));
}

function fasterThan({
  name,
  device,
}: Pick<Engine, "name" | "device">): string | null {
  if (device === "gpu") return null;
  if (mayUseGpu() && recipeFor("gpu") !== null)
    return "npx tsrun setup --gpu sets up native TensorFlow on the GPU, once a machine";
  return name === "tensorflow" || recipeFor("cpu") === null
    ? null
    : "npx tsrun setup sets up native TensorFlow, which is faster, once a machine";
}

const cannotBeHad = (name: EngineName, error: unknown): string =>
  `engine "${name}" cannot be had: ${error instanceof Error ? error.message : String(error)}`;

function scriptDirectory(): string | undefined {
  const script = process.argv[1];
  return script === undefined ? undefined : dirname(script);
}
