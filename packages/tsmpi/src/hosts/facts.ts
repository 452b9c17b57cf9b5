import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { machineOf } from "@tsmpi/protocol";
import type { AgentFacts } from "./host-messages";

/** Who we are. @param slots that we offer, if somebody has said so */
export async function ownFacts(slots: number | null): Promise<AgentFacts> {
  const { hostAddresses } = await import("@tsmpi/transport");
  return {
    version: ownVersion(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    hostname: hostname(),
    machine: machineOf(),
    pid: process.pid,
    addresses: hostAddresses(),
    slots,
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
