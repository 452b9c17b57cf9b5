import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * The same for ranks that run on one host. On Linux: processes see each other's open files if they run on one kernel and know each
 * other's numbers; a network of its own makes a host.
 */
export function machineOf(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const namespaces = ["net", "pid"].map((name) =>
      readlinkSync(`/proc/self/ns/${name}`),
    );
    return [boot, ...namespaces].join(" ");
  } catch {
    return hostname();
  }
}

/** Of a machine: the same for those that reach each other over loopback, containers that share a network too. */
export const networkOf = (machine: string): string =>
  machine.split(" ").slice(0, 2).join(" ");
