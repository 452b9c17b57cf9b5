import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { openLongLine } from "./long-line/open";

export interface NetworkOptions {
  readonly hosts: number;
  /** Of what each host sends; default as fast as the machine is. */
  readonly mbitPerSecond?: number;
  /** Between sending and arriving, one way. */
  readonly delayMs?: number;
  /** Of all packets. */
  readonly lossPercent?: number;
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

/**
 * Hosts that reach each other over bridges, and nobody else. The bridges are in a namespace of their own. Long lines are netem's
 * where the kernel has it, else a process of ours.
 */
export function openNetwork(options: NetworkOptions): Network {
  const { hosts: count, interfaces = 1, isIpv6 = false } = options;
  // Names of interfaces are short.
  const id = `ts${randomBytes(3).toString("hex")}`;
  const made: string[] = [];
  let line: { close(): void } | null = null;
  const close = (): void => {
    line?.close();
    for (const name of made.splice(0).reverse()) {
      ip("netns", "del", name);
      rmSync(namesOf(name), { recursive: true, force: true });
    }
  };
  const add = (name: string): string => {
    ip("netns", "add", name);
    made.push(name);
    ip("-n", name, "link", "set", "lo", "up");
    return name;
  };
  try {
    const middle = add(`${id}m`);
    const names = Array.from({ length: count }, (_, i) => add(`${id}h${i}`));
    const devices = Array.from({ length: interfaces }, (_, i) => `eth${i}`);
    const { delayMs = 0, lossPercent = 0 } = options;
    const isShort = delayMs === 0 && lossPercent === 0;
    if (isShort || hasNetem(middle)) connectByBridges(middle, names, devices);
    else
      line = openLongLine({
        networks: devices.map((device) =>
          names.map((namespace) => ({ namespace, device })),
        ),
        ...{ delayMs, lossPercent },
      });
    const hosts = names.map((name, index) => {
      const addresses = devices.map((device, i) => {
        const address = isIpv6
          ? `fd${99 - i}::${index + 1}`
          : `10.${99 - i}.0.${index + 1}`;
        // An IPv6 address is used at once, without asking whether somebody has it.
        const [net, ...how] = isIpv6 ? ["/64", "nodad"] : ["/24"];
        ip("-n", name, "addr", "add", address + net, "dev", device, ...how);
        ip("-n", name, "link", "set", device, "up");
        shape(name, device, { ...options, isNetem: !isShort && line === null });
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

/** A bridge for each interface. */
function connectByBridges(
  middle: string,
  names: readonly string[],
  devices: readonly string[],
): void {
  for (const [i, device] of devices.entries()) {
    ip("-n", middle, "link", "add", `br${i}`, "type", "bridge");
    ip("-n", middle, "link", "set", `br${i}`, "up");
    for (const [index, name] of names.entries()) {
      const port = `p${index}-${i}`;
      const peer = ["peer", "name", port, "netns", middle];
      ip("-n", name, "link", "add", device, "type", "veth", ...peer);
      ip("-n", middle, "link", "set", port, "master", `br${i}`, "up");
    }
  }
}

/** Whether packets can be delayed by the kernel. @param middle a namespace whose loopback nobody needs */
function hasNetem(middle: string): boolean {
  const how = ["dev", "lo", "root", "netem", "delay", "1ms"];
  try {
    run("tc", ["-n", middle, "qdisc", "add", ...how]);
    return true;
  } catch {
    return false;
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
  {
    mbitPerSecond,
    delayMs = 0,
    lossPercent = 0,
    isNetem,
  }: NetworkOptions & { readonly isNetem: boolean },
): void {
  const add = (...how: string[]): void =>
    run("tc", ["-n", name, "qdisc", "add", "dev", device, ...how]);
  if (mbitPerSecond)
    add(
      ...["root", "handle", "1:", "tbf", "rate", `${mbitPerSecond}mbit`],
      ...["burst", "128kb", "latency", "400ms"],
    );
  if (isNetem)
    add(
      ...(mbitPerSecond ? ["parent", "1:1"] : ["root"]),
      ...["netem", "delay", `${delayMs}ms`, "loss", `${lossPercent}%`],
      ...["limit", "100000"],
    );
}

const ip = (...args: string[]): void => run("ip", args);

function run(program: string, args: readonly string[]): void {
  execFileSync(program, args, { stdio: ["ignore", "ignore", "pipe"] });
}
