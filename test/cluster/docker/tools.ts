import { attempt, isThere } from "../commands.ts";
import { install } from "../install.ts";

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
  const hasDocker = await isThere("docker");
  return install(
    TOOLS,
    hasDocker && (await findCompose()) !== null ? [] : ["docker-compose"],
  );
}
