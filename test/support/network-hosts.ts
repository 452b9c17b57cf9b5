import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";

export interface NetworkOptions {
  readonly hosts: number;
  /** Of what each host sends; default as fast as the machine is. */
  readonly mbitPerSecond?: number;
  /** Between sending and arriving, one way. */
  readonly delayMs?: number;
  /** Addresses are IPv6 ones, and there are no others. */
  readonly isIpv6?: boolean;
  /** Of each host, each on a network of its own; default 1. */
  readonly interfaces?: number;
}

/** A network namespace: a program in it sees eth0, with the first of these addresses, eth1 with the second, and loopback. */
export interface NetworkHost {
  readonly name: string;
  readonly address: string;
  readonly addresses: readonly string[];
  /** In front of a command that is to run there. */
  readonly command: readonly [string, ...string[]];
  /** Packets that come for this TCP port vanish, as behind a firewall, until the answer is called. */
  drop(port: number): () => void;
  /** What names mean there, instead of /etc/hosts. */
  setNames(names: Readonly<Record<string, string>>): void;
  /** One more interface, which leads nowhere. */
  addInterface(name: string, address: string): void;
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

/** Why `drop` does not work here; null: it does. */
export function noFirewall(): string | null {
  try {
    run("iptables", ["--version"]);
    return null;
  } catch {
    return "there is no iptables";
  }
}

/** Hosts that reach each other over bridges, and nobody else. The bridges are in a namespace of their own. */
export function openNetwork(options: NetworkOptions): Network {
  const { hosts: count, interfaces = 1, isIpv6 = false } = options;
  // Names of interfaces are short.
  const id = `ts${randomBytes(3).toString("hex")}`;
  const made: string[] = [];
  const close = (): void => {
    for (const name of made.splice(0).reverse()) {
      ip("netns", "del", name);
      rmSync(namesOf(name), { recursive: true, force: true });
    }
  };
  const add = (name: string): void => {
    ip("netns", "add", name);
    made.push(name);
    ip("-n", name, "link", "set", "lo", "up");
  };
  try {
    const middle = `${id}m`;
    add(middle);
    const bridges = Array.from({ length: interfaces }, (_, i) => `br${i}`);
    for (const bridge of bridges) {
      ip("-n", middle, "link", "add", bridge, "type", "bridge");
      ip("-n", middle, "link", "set", bridge, "up");
    }
    const hosts = Array.from({ length: count }, (_, index): NetworkHost => {
      const name = `${id}h${index}`;
      add(name);
      const addresses = bridges.map((bridge, i) => {
        const [device, port] = [`eth${i}`, `p${index}-${i}`];
        const peer = ["peer", "name", port, "netns", middle];
        ip("-n", name, "link", "add", device, "type", "veth", ...peer);
        const address = isIpv6
          ? `fd${99 - i}::${index + 1}`
          : `10.${99 - i}.0.${index + 1}`;
        // An IPv6 address is used at once, without asking whether somebody has it.
        const how = isIpv6 ? ["/64", "nodad"] : ["/24"];
        ip(
          "-n",
          name,
          "addr",
          "add",
          `${address}${how[0]}`,
          "dev",
          device,
          ...how.slice(1),
        );
        ip("-n", name, "link", "set", device, "up");
        ip("-n", middle, "link", "set", port, "master", bridge, "up");
        shape(name, device, options);
        return address;
      });
      return hostIn(name, addresses);
    });
    return { hosts, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** What `ip netns exec` puts over /etc. */
const namesOf = (name: string): string => `/etc/netns/${name}`;

function hostIn(name: string, addresses: readonly string[]): NetworkHost {
  return {
    ...{ name, addresses, address: addresses[0]! },
    command: ["ip", "netns", "exec", name],
    drop(port) {
      const rule = [
        "INPUT",
        "-p",
        "tcp",
        "--dport",
        String(port),
        "-j",
        "DROP",
      ];
      const filter = (what: string): void =>
        ip("netns", "exec", name, "iptables", "-w", what, ...rule);
      filter("-I");
      return () => filter("-D");
    },
    setNames(names) {
      mkdirSync(namesOf(name), { recursive: true });
      const lines = Object.entries(names).map(([who, at]) => `${at} ${who}\n`);
      writeFileSync(`${namesOf(name)}/hosts`, lines.join(""));
    },
    addInterface(device, address) {
      const other = ["peer", "name", `${device}-end`];
      ip("-n", name, "link", "add", device, "type", "veth", ...other);
      ip("-n", name, "link", "set", `${device}-end`, "up");
      ip("-n", name, "addr", "add", `${address}/16`, "dev", device);
      ip("-n", name, "link", "set", device, "up");
    },
  };
}

/** How much of what a host sends gets through, and when. */
function shape(
  name: string,
  device: string,
  { mbitPerSecond, delayMs }: NetworkOptions,
): void {
  const add = (...how: string[]): void =>
    run("tc", ["-n", name, "qdisc", "add", "dev", device, ...how]);
  if (mbitPerSecond)
    add(
      ...["root", "handle", "1:", "tbf", "rate", `${mbitPerSecond}mbit`],
      ...["burst", "128kb", "latency", "400ms"],
    );
  if (delayMs)
    add(
      ...(mbitPerSecond ? ["parent", "1:1"] : ["root"]),
      ...["netem", "delay", `${delayMs}ms`, "limit", "100000"],
    );
}

const ip = (...args: string[]): void => run("ip", args);

function run(program: string, args: readonly string[]): void {
  execFileSync(program, args, { stdio: ["ignore", "ignore", "pipe"] });
}
