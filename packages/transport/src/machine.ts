import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * The same for ranks that run on one host. On Linux: processes see each other's open files if they run on one kernel and know each
 * other's numbers; a network of its own makes a host.
 */
export function machineOf(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const namespaces = ["pid", "net"].map((name) =>
      readlinkSync(`/proc/self/ns/${name}`),
    );
    return [boot, ...namespaces].join(" ");
  } catch {
    return hostname();
  }
}
