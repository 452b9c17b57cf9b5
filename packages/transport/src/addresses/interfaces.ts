import { BlockList, isIP } from "node:net";
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import { EnvironmentError } from "@tsmpi/protocol";

/** An address of this host that others may reach. */
export interface HostAddress {
  /** Its name: eth0. */
  readonly interface: string;
  readonly address: string;
}

export type Interfaces = Readonly<
  Record<
    string,
    readonly Pick<NetworkInterfaceInfo, "address" | "internal">[] | undefined
  >
>;

/** This host's own, for each host another: 127.0.0.0/8 and ::1, and what binds to all. */
export const isLoopback = (address: string): boolean =>
  /^(127\.|0\.0\.0\.0$|::1?$|::ffff:127\.)/.test(address);

/** fe80::/10 and 169.254.0.0/16: on each link another host. */
export const isLinkLocal = (address: string): boolean =>
  /^(fe[89ab][0-9a-f]:|169\.254\.)/i.test(address);

/** Neither loopback nor link-local. In the order in which the system lists them. */
export const hostAddresses = (
  interfaces: Interfaces = networkInterfaces(),
): readonly HostAddress[] =>
  Object.entries(interfaces).flatMap(([name, list = []]) =>
    list
      .filter(({ address, internal }) => !internal && !isLinkLocal(address))
      .map(({ address }) => ({ interface: name, address })),
  );

/**
 * Those that TSMPI_INTERFACE means.
 *
 * @param wanted an interface's name, an address or a network, or several with commas: the first that this host has counts
 * @throws {EnvironmentError} this host has none of them; lists what it has
 */
export function onInterface(
  addresses: readonly HostAddress[],
  wanted: string,
): readonly HostAddress[] {
  for (const one of wanted.split(",").map((text) => text.trim())) {
    const found = addresses.filter(matches(one));
    if (found.length > 0) return found;
  }
  throw new EnvironmentError(
    `this host has no interface TSMPI_INTERFACE=${wanted}; it has ${listOf(addresses)}`,
  );
}

export const listOf = (addresses: readonly HostAddress[]): string =>
  addresses
    .map(({ interface: name, address }) => `${name} ${address}`)
    .join(", ") || "none but loopback";

function matches(wanted: string): (one: HostAddress) => boolean {
  const [net = "", bits] = wanted.split("/");
  if (isIP(net) === 0) return ({ interface: name }) => name === wanted;
  const list = new BlockList();
  try {
    const family = familyOf(net);
    list.addSubnet(
      net,
      bits === undefined ? (family === "ipv4" ? 32 : 128) : Number(bits),
      family,
    );
  } catch (cause) {
    throw new EnvironmentError(
      `TSMPI_INTERFACE=${wanted} is no network: ${(cause as Error).message}`,
      { cause },
    );
  }
  return ({ address }) => list.check(address, familyOf(address));
}

const familyOf = (address: string): "ipv4" | "ipv6" =>
  isIP(address) === 6 ? "ipv6" : "ipv4";
