import { attempt, isThere, run } from "../commands.ts";

/** What is called, and the Debian package it comes with. */
const TOOLS = {
  dockerd: "docker.io",
  docker: "docker.io",
  iptables: "iptables",
  debootstrap: "debootstrap",
} as const;

/** The words that call compose. */
export type ComposeCommand = readonly [program: string, ...args: string[]];

/** @returns null: there is none */
export async function findCompose(): Promise<ComposeCommand | null> {
  if ((await attempt("docker", ["compose", "version"])).code === 0)
    return ["docker", "compose"];
  return (await isThere("docker-compose")) ? ["docker-compose"] : null;
}

/** Installs what is missing. @returns why it cannot; null: all is there */
export async function installTools(): Promise<string | null> {
  const missing = new Set<string>();
  for (const [tool, comesWith] of Object.entries(TOOLS))
    if (!(await isThere(tool))) missing.add(comesWith);
  if (missing.has("docker.io") || (await findCompose()) === null)
    missing.add("docker-compose");
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
      {
        timeoutMs: 300_000,
        env: { DEBIAN_FRONTEND: "noninteractive" },
      },
    );
    return null;
  } catch (error) {
    return `apt-get does not install ${names}: ${(error as Error).message}`;
  }
}
