import type { Optimizer } from "@tensorflow/tfjs";
import type { TensorMemory } from "./tensor-memory";

/** What users call `tf`: the union package's namespace, whichever engine computes behind it. */
export type TensorFlow = typeof import("@tensorflow/tfjs");

export const DEVICES = ["auto", "gpu", "cpu"] as const;
export type DeviceName = (typeof DEVICES)[number];

/** A gradient whose values lie outside of the engine; null: the loss does not depend on the variable. */
export interface GradientValues {
  readonly name: string;
  readonly values: Float32Array | null;
}

/**
 * Has an optimizer apply gradients without tensors of them.
 *
 * @param gradients as long as their variables, which are float32
 * @returns false: nothing has happened, and this optimizer must be given tensors
 */
export type ApplyValues = (
  optimizer: Optimizer,
  gradients: readonly GradientValues[],
) => boolean;

/** An engine that computes: from now on every `tf` op of this process runs on it. */
export interface StartedEngine {
  readonly device: "cpu" | "gpu";
  /** Of what computes: TensorFlow's library, or the package of the backend. */
  readonly version: string;
  readonly tf: TensorFlow;
  /** Default: by what every backend has. */
  readonly memory?: TensorMemory;
  /** For optimizers whose own `applyGradients` computes no otherwise. Default: there are none. */
  readonly applyValues?: ApplyValues;
}

export interface StartOptions {
  /** Directories from which packages of the user are looked for, the first one first. */
  readonly resolveFrom: readonly string[];
  /** Where it shall compute; `auto`: on a GPU if it can. */
  readonly device: DeviceName;
}

/** Contract of a member of the registry, `engines/index.ts`. */
export interface EngineDriver {
  /**
   * Starts the engine and makes it the backend, synchronously: the next line may compute. Prints nothing.
   *
   * @throws {EngineError} it cannot be had here; the message says why and names the cure
   */
  start(options: StartOptions): StartedEngine;
}
