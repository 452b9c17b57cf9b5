import { mkdir, statfs } from "node:fs/promises";
import { SetupError } from "@tsmpi/protocol";
import { type GpuFacts, findGpus } from "../gpus";
import { thisPlatform } from "../native/installed";
import { RECIPE_PLATFORMS, recipeFor, type Recipe, type Wheel } from "./recipe";

const STAYS = "jobs run on the wasm engine meanwhile";

/** What decides whether a wheel runs. */
export interface System {
  readonly platform: string;
  /** Its version; null: the C library is another, musl on Linux. */
  readonly glibc: string | null;
}

const thisSystem = (): System => {
  const { header } = process.report.getReport() as {
    header: { glibcVersionRuntime?: string };
  };
  return {
    platform: thisPlatform(),
    glibc: header.glibcVersionRuntime ?? null,
  };
};

/** @throws {SetupError} there is no TensorFlow for this machine */
export function needRecipe(
  build: "cpu" | "gpu",
  { platform, glibc }: System = thisSystem(),
): Recipe {
  if (platform.startsWith("linux-") && glibc === null)
    throw new SetupError(
      `this system has musl instead of glibc (Alpine Linux?), and TensorFlow's wheels are for glibc; use an image with glibc such as node:22-slim; ${STAYS}`,
    );
  const recipe = recipeFor(build, platform);
  if (recipe === null)
    throw new SetupError(
      build === "gpu" && recipeFor("cpu", platform) !== null
        ? `there is no TensorFlow wheel with CUDA for ${platform}, only for linux-x64; npx tsrun setup sets up the CPU engine`
        : `there is no TensorFlow wheel for ${platform}, only for ${RECIPE_PLATFORMS.join(", ")}; ${STAYS}`,
    );
  if (glibc !== null && !isAtLeast(glibc, GLIBC))
    throw new SetupError(
      `TensorFlow's wheels need glibc ${GLIBC} or newer, this system has ${glibc}; use a newer system; ${STAYS}`,
    );
  return recipe;
}

const GLIBC = "2.27";

/** Of versions with dots. */
function isAtLeast(version: string, least: string): boolean {
  return version.localeCompare(least, undefined, { numeric: true }) >= 0;
}

/** CUDA 12 runs on every driver from here on (NVIDIA's table of minor version compatibility). */
const LEAST_DRIVER = 525;

/** @throws {SetupError} no driver that runs CUDA 12 */
export function needDriver(facts: GpuFacts = findGpus()): void {
  const anyway =
    "--force sets it up all the same, for an image that will run elsewhere";
  const driver = facts.gpus[0]?.driver;
  if (driver === undefined)
    throw new SetupError(
      `--gpu needs an NVIDIA driver, and ${facts.why}; install the driver (in a container: start it with --gpus all); ${anyway}; without --gpu the CPU engine is set up`,
    );
  if (Number.parseInt(driver) < LEAST_DRIVER)
    throw new SetupError(
      `the NVIDIA driver is ${driver}, and CUDA 12 needs ${LEAST_DRIVER} or newer; update the driver; ${anyway}`,
    );
}

/** @throws {SetupError} the disk is too full */
export async function needDisk(
  folder: string,
  { unpackedBytes }: Recipe,
  { toFetch }: { readonly toFetch: readonly Wheel[] },
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const wheels = toFetch.reduce((sum, { bytes }) => sum + bytes, 0);
  const needed = (unpackedBytes + wheels) * 1.05;
  if (free < needed)
    throw diskFull(
      folder,
      `${gigabytes(needed)} are needed for a moment, ${gigabytes(free)} are free`,
    );
}

export const diskFull = (folder: string, reason: string): SetupError =>
  new SetupError(
    `the disk of ${folder} is full: ${reason}; make room, or name a folder on another disk with --dir`,
  );

export const gigabytes = (bytes: number): string =>
  `${(bytes / 1e9).toFixed(1)} GB`;
