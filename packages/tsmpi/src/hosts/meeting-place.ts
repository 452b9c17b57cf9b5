import { randomBytes } from "node:crypto";
import { isIP } from "node:net";
import { HostError, type PortRange } from "@tsmpi/protocol";
import type { HostAddress } from "@tsmpi/transport";
import type { ConnectedHost } from "./connect";
import type { Reached } from "./host-messages";

export interface MeetingOptions {
  /** Runs rank 0. */
  readonly root: ConnectedHost;
  /** Those that must reach it, and the first rank of each. */
  readonly others: readonly {
    readonly rank: number;
    readonly host: ConnectedHost;
  }[];
  /** Name, or address, of the interface to use; null: any. */
  readonly wanted: string | null;
  readonly portRange: PortRange | null;
}

/**
 * The address of rank 0's host at which all others reach it, found by trying: hosts have several, some behind a bridge that every
 * host has for itself, some behind a firewall. Listens only while they try.
 *
 * @throws {HostError} there is none; says what each has tried
 */
export async function findMeetingPlace({
  root,
  others,
  wanted,
  portRange,
}: MeetingOptions): Promise<string> {
  const candidates = await candidatesOf(root, wanted);
  const addresses = candidates.map(({ address }) => address);
  const token = randomBytes(16).toString("hex");
  const ports = await root
    .ask({
      ...{ type: "listen", addresses, token },
      ...(portRange ? { portRange } : {}),
    })
    .catch(lostBy(root));
  try {
    const at = addresses.map((address, i) => ({ address, port: ports[i]! }));
    const reports = await Promise.all(
      others.map(async ({ rank, host }) => ({
        ...{ rank, name: host.name },
        tried: await host.ask({ type: "reach", at, token }).catch(lostBy(host)),
      })),
    );
    const address = reachedByAll(reports);
    if (address !== null) return address;
    throw new HostError(
      reports
        .flatMap((report) => problemOf(report, root, at, candidates) ?? [])
        .join("\n") ||
        `no address of ${root.name} is reached by all hosts: ${reports.map(({ name, tried }) => `${name} reaches ${reachedOf(tried).join(" and ")}`).join(", ")}; rank 0 must run where all reach it`,
    );
  } finally {
    await root.ask({ type: "unlisten" }).catch(() => {});
  }
}

const lostBy =
  ({ name }: ConnectedHost) =>
  (cause: Error): never => {
    throw new HostError(`${name}: ${cause.message}`, { cause });
  };

interface Report {
  readonly rank: number;
  readonly name: string;
  readonly tried: readonly Reached[];
}

const reachedOf = (tried: readonly Reached[]): string[] =>
  tried.flatMap(({ why, address }) => (why === null ? [address] : []));

/** The first, in the order of the candidates; null: none. */
export function reachedByAll(
  reports: readonly Pick<Report, "tried">[],
): string | null {
  const [first = [], ...rest] = reports.map(({ tried }) => reachedOf(tried));
  return (
    first.find((address) => rest.every((other) => other.includes(address))) ??
    null
  );
}

/** Null: this host reaches the root somehow. */
function problemOf(
  { rank, name, tried }: Report,
  root: ConnectedHost,
  at: readonly { readonly address: string; readonly port: number }[],
  candidates: readonly HostAddress[],
): string | null {
  if (reachedOf(tried).length > 0) return null;
  const how = tried.map(({ why }, i) => {
    const { address, port } = at[i]!;
    return `${isIP(address) === 6 ? `[${address}]` : address}:${port} (${candidates[i]!.interface}: ${why})`;
  });
  return `rank ${rank} on ${name} cannot reach rank 0 on ${root.name} at ${how.join(", ")}; tried ${[...new Set(candidates.map((one) => one.interface))].join(", ")}; open the firewall between them, perhaps for a --port-range, or name another --interface`;
}

/** IPv4 first. @throws {HostError} the host has no such interface, or none at all */
async function candidatesOf(
  { name, facts: { addresses } }: ConnectedHost,
  wanted: string | null,
): Promise<readonly HostAddress[]> {
  if (addresses.length === 0)
    throw new HostError(
      `${name} has no address but its own loopback; other hosts cannot reach it`,
    );
  const { onInterface } = await import("@tsmpi/transport");
  try {
    const some = wanted === null ? addresses : onInterface(addresses, wanted);
    return [...some].sort((a, b) => isIP(a.address) - isIP(b.address));
  } catch (cause) {
    throw new HostError(`${name}: ${(cause as Error).message}`, { cause });
  }
}
