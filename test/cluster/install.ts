import { isThere, run } from "./commands.ts";

/**
 * Installs Debian packages.
 *
 * @param tools what is called, and the package it comes with: installed where it is missing
 * @param packages installed in any case
 * @returns why it cannot; null: all is there
 */
export async function install(
  tools: Readonly<Record<string, string>>,
  packages: readonly string[] = [],
): Promise<string | null> {
  const missing = new Set(packages);
  for (const [tool, comesWith] of Object.entries(tools))
    if (!(await isThere(tool))) missing.add(comesWith);
  if (missing.size === 0) return null;
  const names = [...missing].join(", ");
  if (!(await isThere("apt-get")))
    return `${names} must be installed, and there is no apt-get to do it`;
  console.log(`installing ${names}`);
  try {
    await run("apt-get", ["update"], { timeoutMs: 120_000 });
    await run(
      "apt-get",
      ["install", "-y", "--no-install-recommends", ...missing],
      { timeoutMs: 300_000, env: { DEBIAN_FRONTEND: "noninteractive" } },
    );
    return null;
  } catch (error) {
    return `apt-get does not install ${names}: ${(error as Error).message}`;
  }
}
