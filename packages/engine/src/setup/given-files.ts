import { readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { SetupError } from "@tsmpi/protocol";
import { type Recipe, recipeFor, TFJS_NODE, type Wheel } from "./recipe";
import { verifySha256 } from "./verify";
import { parseWheelName, projectName } from "./wheel-name";

/** What the user has fetched himself, for a machine without a network. */
export interface GivenFiles {
  /** The tarball of tfjs-node, unverified. */
  readonly tfjsNode: string | null;
  /** Which of the recipe's TensorFlow wheels is among them. */
  readonly tensorflow: Wheel | null;
  /** Verified wheels by their file names. */
  readonly paths: ReadonlyMap<string, string>;
}

/** @throws {SetupError} a file is not there, or is of another version, platform or content */
export async function givenFiles(
  from: readonly string[],
  recipe: Recipe,
): Promise<GivenFiles> {
  const paths = new Map<string, string>();
  let tfjsNode: string | null = null;
  for (const path of await filesOf(from, recipe)) {
    const file = basename(path);
    if (file === TFJS_NODE.file) {
      tfjsNode = path;
      continue;
    }
    const { sha256 } = pinnedWheel(file, recipe);
    await verifySha256(path, sha256);
    paths.set(file, path);
  }
  const tensorflow =
    recipe.tensorflowWheels.find(({ file }) => paths.has(file)) ?? null;
  return { tfjsNode, tensorflow, paths };
}

/** Of a folder the files that may be meant; what is named itself must be one. */
async function filesOf(
  from: readonly string[],
  recipe: Recipe,
): Promise<string[]> {
  const files: string[] = [];
  for (const given of from) {
    const path = resolve(given);
    const found = await stat(path).catch(() => null);
    if (found === null)
      throw new SetupError(`--from ${given}: there is no such file`);
    if (!found.isDirectory()) {
      files.push(path);
      continue;
    }
    const names = (await readdir(path)).filter((name) =>
      /\.(whl|tgz)$/.test(name),
    );
    if (names.length === 0)
      throw new SetupError(
        `--from ${given}: there is neither a wheel nor ${TFJS_NODE.file} in this folder; ${wantedOf(recipe)}`,
      );
    files.push(...names.map((name) => join(path, name)));
  }
  return files;
}

const wantedOf = ({ tensorflowWheels }: Recipe): string =>
  `wanted is ${tensorflowWheels[0]!.file}, or its twin for another Python`;

function pinnedWheel(file: string, recipe: Recipe): Wheel {
  const { tensorflowWheels, cudaWheels } = recipe;
  const all = [...tensorflowWheels, ...cudaWheels];
  const pinned = all.find((wheel) => wheel.file === file);
  if (pinned !== undefined) return pinned;
  const wanted = wantedOf(recipe);
  const name = parseWheelName(file);
  if (name === null)
    throw new SetupError(
      `--from ${file}: neither a wheel nor ${TFJS_NODE.file}; ${wanted}`,
    );
  if (!name.platforms.some((tag) => PLATFORM_TAGS[recipe.platform]!.test(tag)))
    throw new SetupError(
      `--from ${file}: a wheel for ${name.platforms.join(" or ")}, and this machine is ${recipe.platform}; ${wanted}`,
    );
  const project = projectName(name.distribution);
  const twin = all
    .map((wheel) => parseWheelName(wheel.file)!)
    .find(({ distribution }) => projectName(distribution) === project);
  if (twin === undefined)
    throw new SetupError(
      `--from ${file}: a wheel of ${project}, which the ${recipe.build === "gpu" ? "GPU" : "CPU"} engine is not made of${recipe.build === "cpu" && recipeUses("gpu", project) ? "; tsrun setup --gpu is" : ""}; ${wanted}`,
    );
  throw new SetupError(
    twin.version === name.version
      ? `--from ${file}: not one of the wheels whose checksums are known; ${wanted}`
      : `--from ${file}: version ${name.version}, and ${twin.version} is what the binding is made for; ${wanted}`,
  );
}

/** The platform tags of wheels that run there (PEP 600). */
const PLATFORM_TAGS: Readonly<Record<string, RegExp>> = {
  "linux-x64": /^manylinux.*x86_64$/,
  "linux-arm64": /^manylinux.*aarch64$/,
  "darwin-arm64": /^macosx.*(arm64|universal2)$/,
};

function recipeUses(build: "cpu" | "gpu", project: string): boolean {
  const recipe = recipeFor(build);
  return (
    recipe !== null &&
    [...recipe.tensorflowWheels, ...recipe.cudaWheels].some(
      ({ file }) => projectName(parseWheelName(file)!.distribution) === project,
    )
  );
}
