import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";

const CACHE = join(__dirname, "../../node_modules/.cache/tsmpi/nodes");
const PACKAGE = `node-${process.platform}-${process.arch}`;

/**
 * The executable of another version of Node.js, as npm packs it; fetched once, and kept until the next `npm ci`.
 *
 * @returns or why it cannot be had here
 */
export function nodeOfVersion(
  major: number,
): { readonly path: string } | { readonly missing: string } {
  const place = join(CACHE, `${major}`);
  const path = join(place, "package/bin/node");
  if (existsSync(path)) return { path };
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, "fetch-"));
  try {
    const name = `${PACKAGE}@${major}`;
    const packed = run("npm", ["pack", "--silent", name], folder);
    if (packed.status !== 0)
      return {
        missing: `npm pack ${name} failed: ${packed.stderr.trim().split("\n").at(-1)}`,
      };
    const unpacked = run(
      "tar",
      ["-xzf", packed.stdout.trim().split("\n").at(-1)!, "package/bin/node"],
      folder,
    );
    if (unpacked.status !== 0) throw new Error(unpacked.stderr);
    renameSync(folder, place);
    return { path };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const run = (command: string, args: readonly string[], cwd: string) =>
  spawnSync(command, args, { cwd, encoding: "utf8" });
