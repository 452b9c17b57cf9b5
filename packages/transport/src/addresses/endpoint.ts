import { isIPv6 } from "node:net";

/** `10.0.0.1:29500`, `[fd00::1]:29500`. */
export const hostAndPort = (address: string, port: number): string =>
  `${isIPv6(address) ? `[${address}]` : address}:${port}`;

/** Of ZeroMQ's. */
export const tcpEndpoint = (address: string, port: number): string =>
  `tcp://${hostAndPort(address, port)}`;

/** Null: it has none, as between processes of one host. */
export function parseTcp(
  endpoint: string,
): { readonly address: string; readonly port: number } | null {
  const [, address, port] = /^tcp:\/\/\[?(.+?)\]?:(\d+)$/.exec(endpoint) ?? [];
  return address === undefined ? null : { address, port: Number(port) };
}

/** ZeroMQ takes IPv6 only where it is told to. */
export const speaksIpv6 = (endpoint: string): boolean =>
  endpoint.startsWith("tcp://[");
