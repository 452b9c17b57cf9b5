import { homedir } from "node:os";
import { join, resolve } from "node:path";

/**
 * Where `tsrun setup` puts engines and jobs look for them: TSMPI_CACHE_DIR, else the folder for caches that the system has for
 * this user.
 */
export function cacheDirectory(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): string {
  if (variables.TSMPI_CACHE_DIR) return resolve(variables.TSMPI_CACHE_DIR);
  const caches =
    variables.XDG_CACHE_HOME ||
    join(
      homedir(),
      process.platform === "darwin" ? "Library/Caches" : ".cache",
    );
  return join(caches, "tsmpi");
}
