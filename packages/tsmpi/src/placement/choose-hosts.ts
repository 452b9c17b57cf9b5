import { nearest } from "@tsmpi/protocol";
import { UsageError } from "../usage-error";
import type { HostSlots } from "./host-list";
import { listed } from "./slots-error";
import { type HostName, writtenHost } from "./host-name";
import type { HostLine } from "./hostfile";
import { isOwn, type OwnHost } from "./own-host";

/** A host that ranks may run on. */
export interface Host extends HostName {
  /** The launcher runs there itself. */
  readonly isLocal: boolean;
  /** null: as many as it has cores, which is known once it has been reached. */
  readonly slots: number | null;
  /** Never more, whatever `--oversubscribe` says; null: no limit. */
  readonly maxSlots: number | null;
}

export interface ListedHosts {
  readonly hostfile: {
    readonly file: string;
    readonly lines: readonly HostLine[];
  } | null;
  /** Of `--host`. */
  readonly list: readonly HostSlots[] | null;
  readonly own: OwnHost;
}

/**
 * The hosts of a job, each once, in the order in which they are filled. Where both are given, `--host` chooses among those of
 * the hostfile, and may take fewer slots. Neither: this machine, with a slot for each core.
 *
 * @throws {UsageError}
 */
export function chooseHosts({ hostfile, list, own }: ListedHosts): Host[] {
  const inFile =
    hostfile && ofHostfile(hostfile.lines, { file: hostfile.file, own });
  const inList = list && ofList(list, own);
  if (inFile && inList)
    return inList.map((host) =>
      chosen(host, { file: hostfile.file, hosts: inFile }),
    );
  const [only] = ofList([{ name: own.hostname, user: null, slots: null }], own);
  return inFile ?? inList?.map(withOneSlot) ?? [only!];
}

/** As in mpirun: a host without slots may stand on several lines, one for each slot. */
function ofHostfile(
  lines: readonly HostLine[],
  { file, own }: { readonly file: string; readonly own: OwnHost },
): Host[] {
  return [...byHost(lines, own).values()].map((same) => {
    const [first, second] = same;
    const other = second && same.find(isCounted);
    if (other !== undefined)
      throw new UsageError(
        `${file}:${second!.line}: ${writtenHost(second!)} is ${nameOf(second!, first!)} in line ${first!.line}; give each host one line, as in: ${writtenHost(first!)} slots=${totalOf(same)}`,
      );
    checkUser(same, file);
    const slots = second ? same.length : first!.slots;
    return hostOf(first!, { slots, maxSlots: first!.maxSlots, own });
  });
}

const isCounted = ({ slots, maxSlots }: HostLine): boolean =>
  slots !== null || maxSlots !== null;

const totalOf = (same: readonly { readonly slots: number | null }[]): number =>
  same.reduce((sum, { slots }) => sum + (slots ?? 1), 0);

const nameOf = (host: HostName, other: HostName): string =>
  host.name === other.name
    ? "listed already,"
    : `the same host as ${writtenHost(other)}`;

/** As in mpirun, `a,b,a` gives two slots to a. */
const ofList = (list: readonly HostSlots[], own: OwnHost): Host[] =>
  [...byHost(list, own).values()].map((same) => {
    checkUser(same, "--host");
    const slots = same.length === 1 ? same[0]!.slots : totalOf(same);
    return hostOf(same[0]!, { slots, maxSlots: null, own });
  });

const withOneSlot = (host: Host): Host => ({ ...host, slots: host.slots ?? 1 });

/** What `--host` takes of a hostfile. */
function chosen(
  wanted: Host,
  { file, hosts }: { readonly file: string; readonly hosts: readonly Host[] },
): Host {
  const host = hosts.find(
    ({ name, isLocal }) =>
      name.toLowerCase() === wanted.name.toLowerCase() &&
      isLocal === wanted.isLocal,
  );
  const asked = `--host ${writtenHost(wanted)}${wanted.slots === null ? "" : `:${wanted.slots}`}`;
  if (host === undefined) {
    const names = hosts.map(({ name }) => name);
    const near = nearest(wanted.name, names);
    throw new UsageError(
      `${asked}: ${file} does not list it; ${near === null ? `add it there, or choose among: ${listed(names)}` : `did you mean ${near}?`}`,
    );
  }
  if (host.user !== null && wanted.user !== null)
    checkUser([wanted, host], asked);
  const most = host.slots ?? Infinity;
  if ((wanted.slots ?? 0) > most)
    throw new UsageError(
      `${asked}: ${file} gives it ${most} slot${most === 1 ? "" : "s"}; ask for no more, or raise slots= there`,
    );
  return {
    ...host,
    user: wanted.user ?? host.user,
    slots: wanted.slots ?? host.slots,
  };
}

/** A name with a user and one without are one host; the own one needs no user. */
function byHost<Listed extends HostName>(
  listed: readonly Listed[],
  own: OwnHost,
): Map<string, Listed[]> {
  const groups = new Map<string, Listed[]>();
  for (const host of listed) {
    const isLocal = isOwn(host, own);
    const key = isLocal ? "" : host.name.toLowerCase();
    const known = groups.get(key) ?? [];
    groups.set(key, [...known, isLocal ? { ...host, user: null } : host]);
  }
  return groups;
}

function checkUser(same: readonly HostName[], where: string): void {
  const [first] = same;
  const other = same.find(({ user }) => user !== first!.user);
  if (other !== undefined)
    throw new UsageError(
      `${where}: ${writtenHost(first!)} and ${writtenHost(other)} are one host; name one user for it`,
    );
}

function hostOf(
  { name, user }: HostName,
  {
    slots,
    maxSlots,
    own,
  }: Pick<Host, "slots" | "maxSlots"> & { readonly own: OwnHost },
): Host {
  const isLocal = isOwn({ name, user }, own);
  return {
    name: isLocal ? own.hostname : name,
    user,
    isLocal,
    slots,
    maxSlots,
  };
}
