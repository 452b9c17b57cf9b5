import {
  mkdir,
  readdir,
  rename,
  rm,
  rmdir,
  stat,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SetupError } from "@tsmpi/protocol";
import {
  directoryName,
  ENGINE_FILE,
  type Installed,
  type InstalledEngine,
  readEngine,
  tfjsNodeIn,
} from "../native/installed";
import { BORROWED_MODULES, borrowingModule } from "../native/modules";
import { runSelfTest, type SelfTestReport } from "../self-test/run";
import { checkSymbols, compileBinding, TENSORFLOW_FOLDER } from "./binding";
import { needCompiler } from "./compiler";
import { fetchTfjsNode } from "./fetch-package";
import { fetchWheel } from "./fetch-wheel";
import { type GivenFiles, givenFiles } from "./given-files";
import type { Progress } from "./progress";
import { type Recipe, TFJS_NODE, type Wheel, wheelsOf } from "./recipe";
import { diskFull, needDisk, needDriver, needRecipe } from "./requirements";
import { openStaging, removeLeftovers } from "./staging";
import { unpackTarball, unpackZip } from "./unpack";
import { verifyIntegrity, verifySha256 } from "./verify";

export interface SetupOptions {
  /** Where engines lie: see cacheDirectory. */
  readonly cache: string;
  readonly build: "cpu" | "gpu";
  /** Makes it anew, and for a GPU also where there is no driver. */
  readonly force: boolean;
  /** Files, or folders of files, to take instead of fetching them. */
  readonly from: readonly string[];
  readonly progress: Progress;
}

export interface SetupResult {
  readonly engine: InstalledEngine;
  /** It was there already. */
  readonly wasThere: boolean;
  readonly selfTest: Exclude<SelfTestReport, { problem: string }>;
}

/**
 * Makes the native engine: tfjs-node's binding, compiled against the TensorFlow library that a wheel of the Python package index
 * carries. Works in a folder of its own and moves the result to its place when it has trained: whenever this is killed, the
 * engine that was there still is, or the next try begins anew with the files that were fetched.
 *
 * @throws {SetupError}
 */
export async function setup(options: SetupOptions): Promise<SetupResult> {
  const { cache, build, force, progress } = options;
  const recipe = needRecipe(build);
  const directory = join(cache, directoryName(recipe));
  const present = force ? null : readEngine(directory);
  if (present !== null) {
    // Who may not remove them does not need them gone.
    await clean(cache, recipe).catch(() => {});
    progress.step("the engine is there; it trains a little");
    return {
      engine: present,
      wasThere: true,
      selfTest: await needSelfTest(directory),
    };
  }
  if (build === "gpu" && !force) needDriver();
  try {
    return await make(recipe, options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOSPC" || code === "EDQUOT")
      throw diskFull(cache, (error as Error).message);
    if (["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST"].includes(code ?? ""))
      throw new SetupError(
        `${(error as Error).message}; name a folder that you may write with --dir`,
      );
    throw error;
  }
}

async function make(
  recipe: Recipe,
  { cache, from, progress }: SetupOptions,
): Promise<SetupResult> {
  const compiler = await needCompiler();
  const given = await givenFiles(from, recipe);
  await needDisk(cache, recipe, {
    toFetch: wheelsOf(recipe, given.tensorflow).filter(
      ({ file }) => !given.paths.has(file),
    ),
  });
  const staging = await openStaging(cache);
  try {
    const directory = join(staging.folder, directoryName(recipe));
    const tfjsNode = tfjsNodeIn(directory);
    const parts = { recipe, cache, given, progress, folder: staging.folder };
    await putTfjsNode(tfjsNode, parts);
    await putTensorflow(tfjsNode, parts);
    await lendTo(directory);

    progress.step("check TensorFlow's functions");
    await checkSymbols(tfjsNode, recipe);
    progress.step(`compile the binding with ${compiler.command}`);
    await compileBinding(tfjsNode, recipe, compiler);
    progress.step("self-test: it trains a little");
    const selfTest = await needSelfTest(directory);

    const { build, tensorflow, platform, revision } = recipe;
    const bytes = await sizeOf(directory);
    const facts: Installed = { build, tensorflow, platform, revision, bytes };
    await writeFile(
      join(directory, ENGINE_FILE),
      JSON.stringify(facts, null, 2) + "\n",
    );
    const place = join(cache, basename(directory));
    await staging.publish(directory, place);
    await removeDownloads(cache, recipe);
    return {
      engine: { ...facts, directory: place },
      wasThere: false,
      selfTest,
    };
  } finally {
    await staging.close();
  }
}

interface Parts {
  readonly recipe: Recipe;
  readonly cache: string;
  readonly given: GivenFiles;
  readonly progress: Progress;
  /** To work in. */
  readonly folder: string;
}

async function putTfjsNode(
  tfjsNode: string,
  { given, progress, folder }: Parts,
): Promise<void> {
  progress.step(`fetch ${TFJS_NODE.name} ${TFJS_NODE.version}`);
  const tarball =
    given.tfjsNode ?? (await fetchTfjsNode(join(folder, "tarball")));
  await verifyIntegrity(tarball, TFJS_NODE.integrity);
  await unpackTarball(tarball, {
    into: tfjsNode,
    wants: (name) => /^(package\.json$|dist\/|binding\/)/.test(name),
  });
}

async function putTensorflow(tfjsNode: string, parts: Parts): Promise<void> {
  const { recipe, given, progress } = parts;
  // TensorFlow finds CUDA's libraries by a path relative to its own: the layout below `site-packages` must stay.
  const into = dirname(join(tfjsNode, TENSORFLOW_FOLDER));
  const wheels = wheelsOf(recipe, given.tensorflow);
  for (const wheel of wheels) {
    const path = given.paths.get(wheel.file) ?? (await download(wheel, parts));
    progress.step(
      `unpack ${wheel.file}`,
      wheel === wheels[0] && wheels.length === 1
        ? recipe.unpackedBytes
        : undefined,
    );
    await unpackZip(path, { into, progress, wants: wantedOf(recipe) });
  }
}

/** Of TensorFlow its libraries and the headers of its C API; of CUDA all. */
const wantedOf =
  ({ libraries }: Recipe) =>
  (name: string): boolean =>
    name.startsWith("nvidia/") ||
    libraries.some((library) => name === `tensorflow/${library}`) ||
    /^tensorflow\/include\/(tensorflow\/c|tensorflow\/core\/platform|tsl\/platform|xla\/tsl\/c)\/.*\.h$/.test(
      name,
    );

/** What was fetched and found right is kept until the engine is made: a compiler that is missing costs no second download. */
const downloadsIn = (cache: string): string => join(cache, "downloads");

async function clean(cache: string, recipe: Recipe): Promise<void> {
  if (!(await removeLeftovers(cache))) await removeDownloads(cache, recipe);
}

/** Those of other recipes wait for their own next try. */
async function removeDownloads(cache: string, recipe: Recipe): Promise<void> {
  const { tensorflowWheels, cudaWheels } = recipe;
  for (const { file } of [...tensorflowWheels, ...cudaWheels])
    await rm(join(downloadsIn(cache), file), { force: true });
  // Only if nothing is left in it.
  await rmdir(downloadsIn(cache)).catch(() => {});
}

async function download(
  wheel: Wheel,
  { cache, progress, folder }: Parts,
): Promise<string> {
  const kept = join(downloadsIn(cache), wheel.file);
  if (await isFile(kept)) {
    await verifySha256(kept, wheel.sha256);
    return kept;
  }
  progress.step(`download ${wheel.file}`, wheel.bytes);
  const path = await fetchWheel(wheel, {
    folder: join(folder, wheel.file.replace(/\.whl$/, "")),
    progress,
  });
  await verifySha256(path, wheel.sha256);
  await mkdir(dirname(kept), { recursive: true });
  await rename(path, kept);
  return kept;
}

async function lendTo(directory: string): Promise<void> {
  for (const name of BORROWED_MODULES) {
    const folder = join(directory, "node_modules", name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "index.js"), borrowingModule(name));
  }
}

async function needSelfTest(
  directory: string,
): Promise<SetupResult["selfTest"]> {
  const report = await runSelfTest({ directory });
  if ("problem" in report)
    throw new SetupError(
      `the engine does not train: ${report.problem}; npx tsrun doctor says more, npx tsrun setup --force makes it anew`,
    );
  return report;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, {
    withFileTypes: true,
    recursive: true,
  });
  let bytes = 0;
  for (const entry of entries)
    if (entry.isFile())
      bytes += (await stat(join(entry.parentPath, entry.name))).size;
  return bytes;
}
