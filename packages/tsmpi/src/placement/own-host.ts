import { hostname, networkInterfaces, userInfo } from "node:os";
import type { HostName } from "./host-name";

/** What the launcher's own host answers to. */
export interface OwnHost {
  readonly hostname: string;
  readonly addresses: readonly string[];
  readonly user: string | null;
}

export const ownHost = (): OwnHost => ({
  hostname: hostname(),
  addresses: Object.values(networkInterfaces())
    .flatMap((interfaces) => interfaces ?? [])
    .map(({ address }) => address),
  user: userName(),
});

/** A container may have a user without a name. */
function userName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

/** No ssh is needed to start a process there. Another user's is another matter. */
export function isOwn({ name, user }: HostName, own: OwnHost): boolean {
  if (user !== null && user !== own.user) return false;
  const wanted = name.toLowerCase();
  return (
    /^(localhost|127\.[\d.]+|::1)$/.test(wanted) ||
    [own.hostname, own.hostname.split(".")[0]!].some(
      (known) => known.toLowerCase() === wanted,
    ) ||
    own.addresses.includes(wanted)
  );
}
