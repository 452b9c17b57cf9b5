/** What the command line says of hosts, as data. */
import type { PortRange } from "@tsmpi/protocol";
import type { HostSlots } from "./host-list";

/** How ranks are dealt out: a host's slots full before the next host, one a host in turn, or a fixed number for each. */
export type MapBy =
  | { readonly by: "slot" | "node" }
  | { readonly by: "ppr"; readonly perHost: number };

/** How they are numbered: those of a host in a row, or one a host in turn. */
export type RankBy = "slot" | "node";

export interface HostOptions {
  /** The file's name; null: none. */
  readonly hostfile: string | null;
  /** Of `--host`; null: all of the hostfile, and without one this machine. */
  readonly host: readonly HostSlots[] | null;
  /** Where agents join this job; `address` null: on all addresses, IPv4 and IPv6. */
  readonly agents: {
    readonly address: string | null;
    readonly port: number;
  } | null;
  readonly mapBy: MapBy;
  /** null: as they are mapped. */
  readonly rankBy: RankBy | null;
  readonly oversubscribe: boolean;
  /** Copy the program's folder to the hosts. */
  readonly sync: boolean;
  /** null: what ssh takes of its own config. */
  readonly sshPort: number | null;
  /** The file of a private key; null: what ssh takes. */
  readonly sshIdentity: string | null;
  /** The network interface that ranks talk over; null: the one that reaches the coordinator. */
  readonly interface: string | null;
  /** The ports that ranks listen on; null: any. */
  readonly portRange: PortRange | null;
  /** Nothing is encrypted between hosts. */
  readonly insecure: boolean;
}

/** Where no flag is given. */
export const NO_HOSTS: HostOptions = {
  ...{ hostfile: null, host: null, agents: null },
  ...{ mapBy: { by: "slot" }, rankBy: null, oversubscribe: false },
  ...{ sync: false, sshPort: null, sshIdentity: null },
  ...{ interface: null, portRange: null, insecure: false },
};

/** More ranks than this no job has, and so no host more slots. */
export const MOST_SLOTS = 65_536;
