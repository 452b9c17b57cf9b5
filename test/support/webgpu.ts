import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const ENGINE = join(__dirname, "../../packages/engine/package.json");

/** Chromium's Vulkan driver that computes on the CPU; Debian: chromium-common. It has a Vulkan loader beside it. */
const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";

/** Where the webgpu engine can run. */
export interface WebGpu {
  /** A program that is started there finds the engine's optional packages. */
  readonly cwd: string;
  /** Its driver. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Installs what the webgpu engine needs of npm into a temporary folder, which is the caller's to remove; the repository itself
 * does without these 160 MB.
 *
 * @returns or why it cannot be had here
 */
export function findWebGpu(): WebGpu | { readonly missing: string } {
  const driver = process.env.VK_ICD_FILENAMES ?? SWIFTSHADER;
  if (!existsSync(driver))
    return {
      missing: `there is no Vulkan driver ${driver}: install chromium-common, or set VK_ICD_FILENAMES`,
    };
  const cwd = mkdtempSync(join(tmpdir(), "tsmpi-webgpu-"));
  const { peerDependencies } = JSON.parse(readFileSync(ENGINE, "utf8")) as {
    peerDependencies: Record<string, string>;
  };
  const packages = Object.entries(peerDependencies)
    .filter(([name]) => name.includes("webgpu"))
    .map((peer) => peer.join("@"));
  const options =
    "--prefer-offline --fetch-retries=0 --no-audit --no-fund --ignore-scripts --legacy-peer-deps";
  const { status, stderr } = spawnSync(
    "npm",
    ["install", "--prefix", cwd, ...options.split(" "), ...packages],
    { encoding: "utf8", timeout: 120_000 },
  );
  if (status !== 0) {
    rmSync(cwd, { recursive: true, force: true });
    return { missing: `npm install ${packages.join(" ")} failed: ${stderr}` };
  }
  // The backend registers with the TensorFlow.js of the programs, as it does where npm installs them together.
  const core = "@tensorflow/tfjs-core";
  const link = join(cwd, "node_modules", core);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(dirname(require.resolve(`${core}/package.json`)), link);
  const { LD_LIBRARY_PATH: path = "" } = process.env;
  return {
    cwd,
    env: {
      VK_ICD_FILENAMES: driver,
      LD_LIBRARY_PATH: `${dirname(driver)}:${path}`,
    },
  };
}
