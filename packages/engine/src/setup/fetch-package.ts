import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { SetupError } from "@tsmpi/protocol";
import { TFJS_NODE } from "./recipe";
import { lastLine, run } from "./run";

const SPEC = `${TFJS_NODE.name}@${TFJS_NODE.version}`;

/**
 * The tarball of tfjs-node as the npm registry has it, through npm and whatever registry it is configured with. `npm pack` runs no
 * script of the package; installing it would start its download.
 *
 * @returns where it lies, unverified
 * @throws {SetupError}
 */
export async function fetchTfjsNode(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const options = ["--pack-destination", folder, "--ignore-scripts"];
  const ran = await run("npm", ["pack", SPEC, "--loglevel=error", ...options], {
    // Below a package of the user's, npm might take that for what to pack.
    cwd: folder,
  });
  const elsewhere = `or, on a machine that can, npm pack ${SPEC}, and give the file here with --from`;
  if (ran.exitCode === null)
    throw new SetupError(`npm is not on the PATH; put it there, ${elsewhere}`);
  if (ran.exitCode !== 0)
    throw new SetupError(
      `npm could not fetch ${SPEC}: ${lastErrorOf(ran.stderr) || lastLine(ran)}; check npm config get registry, ${elsewhere}`,
    );
  const tarball = (await readdir(folder)).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined)
    throw new SetupError(`npm pack ${SPEC} left no tarball; ${elsewhere}`);
  return join(folder, tarball);
}

/** npm's reasons are the lines before the one that names its log file. */
const lastErrorOf = (stderr: string): string =>
  stderr
    .split("\n")
    .map((line) => line.replace(/^npm (error|ERR!)\s*/, "").trim())
    .filter((line) => line !== "" && !line.includes("debug-"))
    .slice(0, 3)
    .join(" ");
