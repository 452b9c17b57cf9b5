import type { PortRange } from "@tsmpi/protocol";
import type { GivenFlags } from "../read-flags";
import { UsageError } from "../usage-error";
import { parseHostList } from "./host-list";
import { readHostName } from "./host-name";
import {
  type HostOptions,
  type MapBy,
  MOST_SLOTS,
  type RankBy,
} from "./host-options";

/** What flags say of hosts. Touches no file. @throws {UsageError} */
export function readHostOptions(job: GivenFlags): HostOptions {
  // As in mpirun, several of them are one list.
  const list = job.text("host") === null ? null : job.all("host").join(",");
  return {
    hostfile: job.text("hostfile"),
    host: list === null ? null : parseHostList(list),
    agents: readAgents(job.text("agents")),
    mapBy: readMapBy(job.text("map-by")),
    rankBy: readRankBy(job.text("rank-by")),
    oversubscribe: job.flag("oversubscribe"),
    sync: job.flag("sync"),
    sshPort: readSshPort(job.text("ssh-port")),
    sshIdentity: job.text("ssh-identity"),
    interface: readInterface(job.text("interface")),
    portRange: readPortRange(job.text("port-range")),
    insecure: job.flag("insecure"),
  };
}

function readMapBy(value: string | null): MapBy {
  if (value === null) return { by: "slot" };
  const simple = simpleOrder(value);
  if (simple !== null) return { by: simple };
  const [pattern, each, object, ...more] = value.split(":");
  if (pattern !== "ppr")
    throw new UsageError(
      `--map-by "${value}" is not known here; there are: slot, node, ppr:N:node`,
    );
  const perHost = Number(each);
  if (!/^\d+$/.test(each ?? "") || perHost < 1 || perHost > MOST_SLOTS)
    throw new UsageError(
      `--map-by "${value}": "${each ?? ""}" is no number of ranks for each host; give a whole number of at least 1, as in ppr:2:node`,
    );
  if (!["node", "host"].includes(object ?? "") || more.length > 0)
    throw new UsageError(
      `--map-by "${value}": ranks are counted by node here; write ppr:${perHost}:node`,
    );
  return { by: "ppr", perHost };
}

function readRankBy(value: string | null): RankBy | null {
  if (value === null) return null;
  const order = simpleOrder(value);
  if (order !== null) return order;
  throw new UsageError(
    `--rank-by "${value}" is not known here; there are: slot, node`,
  );
}

/** torchrun and newer mpiruns say host. */
const simpleOrder = (value: string): RankBy | null =>
  value === "slot" ? "slot" : ["node", "host"].includes(value) ? "node" : null;

/** @returns null if it is none */
function portOf(value: string): number | null {
  const port = Number(value);
  return /^\d+$/.test(value) && port >= 1 && port <= 65_535 ? port : null;
}

function readSshPort(value: string | null): number | null {
  if (value === null) return null;
  const port = portOf(value);
  if (port !== null) return port;
  throw new UsageError(
    `--ssh-port "${value}" is no port; give a whole number from 1 to 65535, as in -p 2222`,
  );
}

function readAgents(value: string | null): HostOptions["agents"] {
  if (value === null) return null;
  const colon = value.lastIndexOf(":");
  const port = portOf(value.slice(colon + 1));
  if (port === null)
    throw new UsageError(
      `--agents "${value}": "${value.slice(colon + 1)}" is no port; write [HOST:]PORT with a port from 1 to 65535, as in --agents 29400`,
    );
  if (colon < 0) return { address: null, port };
  const name = readHostName(value.slice(0, colon));
  if (typeof name !== "string" && name.user === null)
    return { address: name.name, port };
  throw new UsageError(
    `--agents "${value}": ${typeof name === "string" ? name : "agents join without a user"}; write [HOST:]PORT, as in --agents 10.0.0.1:29400`,
  );
}

function readInterface(value: string | null): string | null {
  const isInterface = (one: string): boolean =>
    /^([\w.:@-]+|[\da-f]*[.:][\da-f.:]*\/\d+)$/i.test(one);
  if (value === null || value.split(",").every(isInterface)) return value;
  throw new UsageError(
    `--interface "${value}" is no name of a network interface; give one that "ip link" lists, or a network, as in --interface eth0 or --interface 10.0.0.0/24`,
  );
}

function readPortRange(value: string | null): PortRange | null {
  if (value === null) return null;
  const [from = null, to = null] =
    /^(\d+)-(\d+)$/.exec(value)?.slice(1).map(portOf) ?? [];
  if (from === null || to === null)
    throw new UsageError(
      `--port-range "${value}" is no range of ports; write the first and the last, each from 1 to 65535, as in --port-range 29500-29599`,
    );
  if (from > to)
    throw new UsageError(
      `--port-range ${value} runs backwards; write --port-range ${to}-${from}`,
    );
  return [from, to];
}
