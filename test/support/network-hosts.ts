import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";

export interface NetworkOptions {
  readonly hosts: number;
  /** Of what each host sends; default as fast as the machine is. */
  readonly mbitPerSecond?: number;
  /** Between sending and arriving, one way. */
  readonly delayMs?: number;
}

/** A network namespace: a program in it sees one interface, with this address, and loopback. */
export interface NetworkHost {
  readonly name: string;
  readonly address: string;
  /** In front of a command that is to run there. */
  readonly command: readonly [string, ...string[]];
}

export interface Network {
  readonly hosts: readonly NetworkHost[];
  close(): void;
}

/** Why there is no such network here; null: there is. */
export function noNetwork(options: NetworkOptions): string | null {
  if (process.platform !== "linux") return "network namespaces are Linux's";
  if (process.getuid?.() !== 0) return "only root makes network namespaces";
  try {
    openNetwork(options).close();
    return null;
  } catch (error) {
    const { message } = error as Error;
    return `it cannot be made: ${message.replaceAll(/\s*\n\s*/g, "; ").trim()}`;
  }
}

/** Hosts that reach each other over a bridge, and nobody else. The bridge is in a namespace of its own. */
export function openNetwork({
  hosts: count,
  mbitPerSecond,
  delayMs,
}: NetworkOptions): Network {
  // Names of interfaces are short.
  const id = `ts${randomBytes(3).toString("hex")}`;
  const made: string[] = [];
  const close = (): void => {
    for (const name of made.splice(0).reverse()) ip("netns", "del", name);
  };
  const add = (name: string): void => {
    ip("netns", "add", name);
    made.push(name);
    ip("-n", name, "link", "set", "lo", "up");
  };
  try {
    const middle = `${id}m`;
    add(middle);
    ip("-n", middle, "link", "add", "br0", "type", "bridge");
    ip("-n", middle, "link", "set", "br0", "up");
    const hosts = Array.from({ length: count }, (_, index): NetworkHost => {
      const name = `${id}h${index}`;
      const port = `p${index}`;
      const address = `10.99.0.${index + 1}`;
      add(name);
      const peer = ["peer", "name", port, "netns", middle];
      ip("-n", name, "link", "add", "eth0", "type", "veth", ...peer);
      ip("-n", name, "addr", "add", `${address}/24`, "dev", "eth0");
      ip("-n", name, "link", "set", "eth0", "up");
      ip("-n", middle, "link", "set", port, "master", "br0", "up");
      const shape = (...how: string[]): void =>
        run("tc", ["-n", name, "qdisc", "add", "dev", "eth0", ...how]);
      if (mbitPerSecond)
        shape(
          ...["root", "handle", "1:", "tbf", "rate", `${mbitPerSecond}mbit`],
          ...["burst", "128kb", "latency", "400ms"],
        );
      if (delayMs)
        shape(
          ...(mbitPerSecond ? ["parent", "1:1"] : ["root"]),
          ...["netem", "delay", `${delayMs}ms`, "limit", "100000"],
        );
      return { name, address, command: ["ip", "netns", "exec", name] };
    });
    return { hosts, close };
  } catch (error) {
    close();
    throw error;
  }
}

const ip = (...args: string[]): void => run("ip", args);

function run(program: string, args: readonly string[]): void {
  execFileSync(program, args, { stdio: ["ignore", "ignore", "pipe"] });
}
