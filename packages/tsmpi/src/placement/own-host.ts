import { lookup } from "node:dns/promises";
import { hostname, networkInterfaces, userInfo } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { HostName } from "./host-name";

/** What the launcher's own host answers to. */
export interface OwnHost {
  readonly hostname: string;
  readonly addresses: readonly string[];
  /** Further names that resolve to these addresses. */
  readonly aliases: readonly string[];
  readonly user: string | null;
}

/** A name server that does not answer must not hold up the start: ssh then says what is wrong. */
const RESOLVE_MS = 2_000;

/** @param names of hosts, of which some may be this one */
export async function findOwnHost(names: readonly string[]): Promise<OwnHost> {
  const own: OwnHost = {
    hostname: hostname(),
    addresses: Object.values(networkInterfaces())
      .flatMap((interfaces) => interfaces ?? [])
      .map(({ address }) => address),
    ...{ aliases: [], user: userName() },
  };
  const others = [...new Set(names)].filter(
    (name) => !isOwn({ name, user: null }, own),
  );
  if (others.length === 0) return own;
  const late = new AbortController();
  const aliases: string[] = [];
  const looked = others.map(async (name) => {
    const found = await lookup(name, { all: true }).catch(() => []);
    if (found.some(({ address }) => isOwn({ name: address, user: null }, own)))
      aliases.push(name);
  });
  await Promise.race([
    Promise.all(looked),
    sleep(RESOLVE_MS, undefined, { signal: late.signal }).catch(() => {}),
  ]);
  late.abort();
  return { ...own, aliases: [...aliases] };
}

/** A container may have a user without a name. */
function userName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

/** No ssh is needed to start a process there. As another user it is. */
export function isOwn({ name, user }: HostName, own: OwnHost): boolean {
  if (user !== null && user !== own.user) return false;
  const wanted = name.toLowerCase();
  return (
    /^(localhost|127\.[\d.]+|::1)$/.test(wanted) ||
    own.hostname.toLowerCase() === wanted ||
    own.addresses.includes(wanted) ||
    own.aliases.includes(name)
  );
}
