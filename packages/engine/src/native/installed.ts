import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** An engine that `tsrun setup` has made, as its `engine.json` describes it. */
export interface Installed {
  /** Which build of TensorFlow it is: one that can use a GPU, or one that cannot. */
  readonly build: "cpu" | "gpu";
  /** Of TensorFlow's library. */
  readonly tensorflow: string;
  /** `linux-x64`: a folder of caches may be shared between machines. */
  readonly platform: string;
  /** Of what setup makes of the same TensorFlow: see RECIPE_REVISION. */
  readonly revision: number;
  readonly bytes: number;
}

export interface InstalledEngine extends Installed {
  readonly directory: string;
}

export const ENGINE_FILE = "engine.json";

/** `process.platform` and `process.arch`, as recipes and folders are named by them. */
export const thisPlatform = (): string => `${process.platform}-${process.arch}`;

export const directoryName = ({
  build,
  tensorflow,
  platform,
  revision,
}: Omit<Installed, "bytes">): string =>
  `tensorflow-${tensorflow}-${build}-${platform}-r${revision}`;

/** tfjs-node inside an engine's folder; TensorFlow's libraries lie below, where the binding and the CUDA lookups expect them. */
export const tfjsNodeIn = (directory: string): string =>
  join(directory, "node_modules/@tensorflow/tfjs-node");

/** The complete engines for this machine, newest TensorFlow first. A folder without its `engine.json` is not complete. */
export function installedEngines(cache: string): InstalledEngine[] {
  return foldersOf(cache)
    .map((name) => readEngine(join(cache, name)))
    .filter((engine) => engine !== null)
    .filter(({ platform }) => platform === thisPlatform())
    .sort(
      (a, b) =>
        b.tensorflow.localeCompare(a.tensorflow, undefined, {
          numeric: true,
        }) || b.revision - a.revision,
    );
}

function foldersOf(cache: string): string[] {
  try {
    return readdirSync(cache).filter((name) => name.startsWith("tensorflow-"));
  } catch {
    return [];
  }
}

/** Null for a folder that is no engine. */
export function readEngine(directory: string): InstalledEngine | null {
  try {
    const text = readFileSync(join(directory, ENGINE_FILE), "utf8");
    return { ...(JSON.parse(text) as Installed), directory };
  } catch {
    return null;
  }
}
