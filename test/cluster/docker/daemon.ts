import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { attempt, run } from "../commands.ts";

const START_MS = 60_000;
const STOP_MS = 30_000;

export interface Daemon {
  /** For those who talk to it. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * The daemon that runs here; else one of our own, with all that it keeps in a folder.
 *
 * @throws {Error} it does not start
 */
export async function openDaemon(folder: string): Promise<Daemon> {
  if ((await attempt("docker", ["info"])).code === 0)
    return { env: {}, close: async () => {} };
  return OwnDaemon.start(folder);
}

class OwnDaemon implements Daemon {
  readonly env: Daemon["env"];

  private constructor(
    private readonly child: ChildProcess,
    socket: string,
    private readonly network: NetworkBefore,
  ) {
    this.env = { DOCKER_HOST: socket };
  }

  static async start(folder: string): Promise<OwnDaemon> {
    mkdirSync(folder);
    const network = await NetworkBefore.look();
    const socket = `unix://${join(folder, "docker.sock")}`;
    const log = join(folder, "dockerd.log");
    const output = openSync(log, "w");
    const child = spawn(
      "dockerd",
      [
        ...["--host", socket, "--pidfile", join(folder, "dockerd.pid")],
        ...["--data-root", join(folder, "data")],
        ...["--exec-root", join(folder, "exec")],
      ],
      // A signal from the terminal is not meant for it.
      { stdio: ["ignore", output, output], detached: true },
    );
    closeSync(output);
    const daemon = new OwnDaemon(child, socket, network);
    const deadline = performance.now() + START_MS;
    const { env } = daemon;
    while ((await attempt("docker", ["info"], { env })).code !== 0) {
      if (child.exitCode === null && performance.now() < deadline) {
        await setTimeout(300);
        continue;
      }
      await daemon.close();
      const lines = readFileSync(log, "utf8").trim().split("\n");
      throw new Error(`dockerd does not start: ${lines.at(-1)}`);
    }
    return daemon;
  }

  async close(): Promise<void> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      const ended = once(child, "exit");
      const stop = setTimeout(STOP_MS).then(() => child.kill("SIGKILL"));
      await Promise.race([ended, stop]);
    }
    await this.network.restore();
  }
}

/** What a daemon changes in the network of the machine, and leaves so. */
class NetworkBefore {
  private constructor(
    private readonly forwards: string,
    private readonly hadBridge: boolean,
  ) {}

  static async look(): Promise<NetworkBefore> {
    return new NetworkBefore(readFileSync(FORWARDS, "utf8"), await hasBridge());
  }

  /** Rules of others that have come meanwhile stay. */
  async restore(): Promise<void> {
    if (this.hadBridge) return;
    if (await hasBridge()) await run("ip", ["link", "delete", "docker0"]);
    for (const name of ["iptables", "ip6tables"]) {
      const rules = (await run(`${name}-save`, [])).split("\n");
      const kept = rules.filter((line) => !/DOCKER|docker0/.test(line));
      if (kept.length === rules.length) continue;
      const text = kept.join("\n").replace(":FORWARD DROP", ":FORWARD ACCEPT");
      await run("sh", ["-c", `printf %s "$1" | ${name}-restore`, "sh", text]);
    }
    writeFileSync(FORWARDS, this.forwards);
  }
}

const FORWARDS = "/proc/sys/net/ipv4/ip_forward";

const hasBridge = async (): Promise<boolean> =>
  (await attempt("ip", ["link", "show", "docker0"])).code === 0;
