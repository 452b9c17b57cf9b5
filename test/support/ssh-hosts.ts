import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Network,
  type NetworkHost,
  type NetworkOptions,
  noNetwork,
  openNetwork,
} from "./network-hosts";

/** Hosts a, b, c … on a network of their own, with an ssh server on each but where it is stopped. */
export interface SshHosts {
  readonly network: Network;
  /** In front of a command that runs on this host, as a user with a key whom all others let in. */
  commandOn(name: string): readonly [string, ...string[]];
  /** Runs a command there. */
  on(name: string, ...command: string[]): string;
  /** Processes there but its ssh server: what it and others have started. */
  pidsOn(name: string): readonly number[];
  /** All that it runs ends at once; its ssh server still answers. */
  crash(name: string): void;
  /** That and its ssh server end, as with the host. */
  kill(name: string): void;
  close(): void;
}

/** Why there are no such hosts here; null: there are. */
export function noSshHosts(options: NetworkOptions): string | null {
  for (const program of [
    ...["sshd", "ssh", "ssh-keygen", "unshare"],
    ...["rsync", "iptables", "ss"],
  ])
    try {
      execFileSync("which", [program], { stdio: "ignore" });
    } catch {
      return `there is no ${program}`;
    }
  return noNetwork(options);
}

export const hostNames = (count: number): readonly string[] =>
  [..."abcdefgh"].slice(0, count);

export interface SshOptions extends NetworkOptions {
  /** Run on a host before its ssh server: what its users see of files may be another than here. */
  readonly prepare?: Readonly<Record<string, string>>;
}

export async function openSshHosts({
  prepare = {},
  ...options
}: SshOptions): Promise<SshHosts> {
  const network = openNetwork(options);
  const folder = mkdtempSync(join(tmpdir(), "tsmpi-ssh-"));
  const daemons = new Map<string, ChildProcess>();
  const hosts = new Map<string, NetworkHost>();
  hostNames(options.hosts).forEach((name, i) =>
    hosts.set(name, network.hosts[i]!),
  );
  const close = (): void => {
    for (const name of daemons.keys()) kill(name);
    network.close();
    rmSync(folder, { recursive: true });
  };
  const pidsOn = (name: string): number[] =>
    String(execFileSync("ip", ["netns", "pids", hosts.get(name)!.name]))
      .split("\n")
      .filter(Boolean)
      .map(Number)
      // `ip`, `unshare` and `sh` each become the next, and at last the server.
      .filter((pid) => pid !== daemons.get(name)?.pid);
  const crash = (name: string): void => {
    for (const pid of pidsOn(name))
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended meanwhile.
      }
  };
  const kill = (name: string): void => {
    daemons.delete(name);
    crash(name);
  };
  try {
    writeKeys(folder, hosts);
    for (const [name, { command, address }] of hosts) {
      const [ip, ...rest] = command;
      daemons.set(
        name,
        spawn(
          ip,
          [
            ...[...rest, "unshare", "-m", "sh", "-ec"],
            `${prepare[name] ?? ""}\nexec /usr/sbin/sshd -D -f ${join(folder, "sshd")}`,
          ],
          { stdio: "ignore" },
        ),
      );
      await listening(command, address);
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    network,
    commandOn: (name) => [...hosts.get(name)!.command, ...atHome(folder)],
    on(name, ...command) {
      const [ip, ...rest] = [...hosts.get(name)!.command, ...command];
      return execFileSync(ip, rest, { encoding: "utf8" });
    },
    ...{ pidsOn, crash, kill, close },
  };
}

/** ssh takes its user's folder from the list of users, not from HOME: ours is laid over it, for this command alone. */
function atHome(folder: string): string[] {
  const own = join(userInfo().homedir, ".ssh");
  return [
    ...["unshare", "-m", "sh", "-c"],
    `mkdir -p ${own} && mount --bind ${join(folder, "home")} ${own} && exec "$@"`,
    "sh",
  ];
}

function writeKeys(folder: string, hosts: Map<string, NetworkHost>): void {
  const home = join(folder, "home");
  mkdirSync(home);
  mkdirSync("/run/sshd", { recursive: true });
  for (const path of [join(home, "id_ed25519"), join(folder, "host")])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path]);
  const hostKey = execFileSync("cut", [
    "-d ",
    "-f1,2",
    join(folder, "host.pub"),
  ]);
  const lines = [...hosts].map(
    ([, { address }]) => `${address} ${String(hostKey)}`,
  );
  writeFileSync(join(home, "known_hosts"), lines.join(""));
  writeFileSync(
    join(home, "config"),
    [...hosts]
      .map(([name, { address }]) => `Host ${name}\n  HostName ${address}\n`)
      .join("")
      .concat(
        "Host fresh\n  HostName 10.99.0.2\n  HostKeyAlias fresh\nHost behind\n  HostName 10.99.0.3\n  ProxyJump b\n",
      ),
  );
  chmodSync(home, 0o700);
  writeFileSync(
    join(folder, "sshd"),
    [
      `HostKey ${join(folder, "host")}`,
      `AuthorizedKeysFile ${join(home, "id_ed25519.pub")}`,
      "PermitRootLogin prohibit-password",
      "StrictModes no",
      "UsePAM no",
      "PidFile none",
      "MaxStartups 100",
    ].join("\n") + "\n",
  );
}

/** Resolves when somebody listens for ssh there. */
async function listening(
  [ip, ...rest]: NetworkHost["command"],
  address: string,
): Promise<void> {
  for (let tries = 0; ; tries++)
    try {
      const knock = `: < /dev/tcp/${address}/22`;
      execFileSync(ip, [...rest, "bash", "-c", knock], { stdio: "ignore" });
      return;
    } catch (error) {
      if (tries > 100) throw error;
      await sleep(50);
    }
}
