import { isIPv4, isIPv6, SocketAddress } from "node:net";

/** Who is meant by `[user@]host`. */
export interface HostName {
  /** A name or an address; IPv6 without brackets. */
  readonly name: string;
  /** null: whom ssh takes. */
  readonly user: string | null;
}

/** @returns what is wrong, in words that go on a sentence, if it is no name */
export function readHostName(text: string): HostName | string {
  const at = text.lastIndexOf("@");
  const user = at < 0 ? null : text.slice(0, at);
  if (user !== null && !USER.test(user))
    return `${quoted(user)} is no name of a user; write user@host`;
  const written = text.slice(at + 1);
  const name = /^\[(.*)\]$/.exec(written)?.[1] ?? written;
  if (name !== written && !isIPv6(name))
    return `${quoted(name)} is no IPv6 address, and only those stand in brackets`;
  if (isIPv6(name)) return { name: canonical(name), user };
  if (isIPv4(name)) return { name, user };
  if (/^[\d.]+$/.test(name)) return `"${name}" is no IPv4 address`;
  // Neither a flag nor a command for the shell of ssh.
  if (NAME.test(name)) return { name, user };
  return `${quoted(name)} is no name of a host; those have letters, digits, dots and hyphens`;
}

/** One spelling of an IPv6 address; that of a link keeps its interface. */
const canonical = (address: string): string =>
  address.includes("%")
    ? address
    : new SocketAddress({ address, family: "ipv6" }).address;

/** A file that is no hostfile may have anything in it. */
export const quoted = (text: string): string =>
  JSON.stringify(
    text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text,
  ).replaceAll(/[^\x20-\x7e…]+/g, "?");

const MOST_SHOWN = 40;
const USER = /^\w[\w.+-]*$/;
const NAME = /^[a-z\d_](?:[\w.-]*[a-z\d_.])?$/i;

/** As it is written: an IPv6 address in brackets. */
export const writtenHost = ({ name, user }: HostName): string =>
  (user === null ? "" : `${user}@`) + (isIPv6(name) ? `[${name}]` : name);
