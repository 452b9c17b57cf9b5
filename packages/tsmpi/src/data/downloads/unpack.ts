import { existsSync } from "node:fs";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "@tsmpi/protocol";

/**
 * Unpacks the one folder that a tarball holds, beside it, unless it is there.
 *
 * @throws {DataError} the disk is full, say; nothing is left behind then
 */
export async function unpack(
  folder: string,
  tarball: string,
  name: string,
): Promise<void> {
  if (existsSync(join(folder, name))) return;
  const { extract } = await import("tar");
  const { removeAbandoned, stagingPrefix } = await import("@tsmpi/data");
  await removeAbandoned(folder);
  const staging = await mkdtemp(join(folder, stagingPrefix()));
  try {
    await extract({ file: join(folder, tarball), cwd: staging });
    await rename(join(staging, name), join(folder, name));
  } catch (cause) {
    throw new DataError(
      `${join(folder, tarball)} cannot be unpacked: ${(cause as Error).message}`,
      { cause },
    );
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
