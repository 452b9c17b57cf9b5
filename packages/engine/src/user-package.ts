import { createRequire } from "node:module";
import { join } from "node:path";

/** Where a package of the user is: the file that `require` would load. Null if none of the directories knows it. */
export function userPackage(
  packageName: string,
  directories: readonly string[],
): string | null {
  for (const directory of directories)
    try {
      return createRequire(join(directory, "program.js")).resolve(packageName);
    } catch {
      // Not from here; another directory may know it.
    }
  return null;
}
