import type { HostOptions } from "./placement/host-options";

/** What the command line of `tsrun run` asks for, as data. */

/** One program of the job: what stands between two `:` on the command line. */
export interface ProgramOptions {
  /** null: one rank per slot; on this machine alone that is one per core. */
  readonly ranks: number | null;
  /** `-x`, in order: a variable with its value, or null to hand on the one of `tsrun`'s own environment. */
  readonly variables: readonly (readonly [
    name: string,
    value: string | null,
  ])[];
  readonly wdir: string | null;
  readonly script: string;
  readonly args: readonly string[];
}

/** What `-m` takes. `futures`: rank 0 runs the program, the others the tasks of its pools. */
export const MODULES = ["futures"] as const;
export type ModuleName = (typeof MODULES)[number];

/** What holds for the whole job. */
export interface JobOptions {
  readonly tagOutput: boolean;
  readonly timestampOutput: boolean;
  readonly outputFilename: string | null;
  readonly timeoutMs: number | null;
  /** A rank other than 0 that fails does not end the job. */
  readonly recovery: boolean;
  readonly bindTo: "core" | "none";
  readonly displayMap: boolean;
  readonly dryRun: boolean;
  /** The rank that reads `tsrun`'s stdin; null for none. */
  readonly stdin: number | null;
  /** null: TSMPI_START_TIMEOUT_MS, or its default. */
  readonly startTimeoutMs: number | null;
  /** Names of registries, unchecked; null where the flag is not given. */
  readonly allreduce: string | null;
  readonly compression: string | null;
  readonly transport: string | null;
  readonly engine: string | null;
  readonly device: string | null;
  /** Indices or UUIDs; null: all there are. */
  readonly gpus: readonly string[] | null;
  readonly gpusPerRank: number | null;
  readonly autotune: boolean;
  readonly checkLeaks: boolean;
  readonly summary: string | null;
  /** On which hosts, and how ranks are dealt out to them. */
  readonly hosts: HostOptions;
}

export interface RunOptions extends JobOptions {
  readonly programs: readonly ProgramOptions[];
  /** What runs the program: the rank itself (null), or a module of ours. */
  readonly module: ModuleName | null;
}
