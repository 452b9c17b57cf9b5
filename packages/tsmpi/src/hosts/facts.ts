import { readFileSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import type { AgentFacts, Interface } from "./host-messages";

/** Who we are. */
export async function ownFacts(): Promise<AgentFacts> {
  const { machineOf } = await import("@tsmpi/transport");
  return {
    version: ownVersion(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    hostname: hostname(),
    machine: machineOf(),
    pid: process.pid,
    interfaces: ownInterfaces(),
  };
}

/** Of tsmpi. */
export function ownVersion(): string {
  const path = join(__dirname, "../../package.json");
  const { version } = JSON.parse(readFileSync(path, "utf8")) as {
    version: string;
  };
  return version;
}

/** The addresses at which other hosts may reach this one: IPv4 first. Neither loopback nor those of one link only. */
export function ownInterfaces(): readonly Interface[] {
  const all = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter(
        ({ internal, address }) =>
          !internal && !/^(fe[89ab].:|169\.254\.)/i.test(address),
      )
      .map(({ address, family }) => ({ name, address, family })),
  );
  const of = (wanted: string): Interface[] =>
    all
      .filter(({ family }) => family === wanted)
      .map(({ name, address }) => ({ name, address }));
  return [...of("IPv4"), ...of("IPv6")];
}
