import { readFileSync } from "node:fs";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { type Launched, start } from "../support/launch";
import { openSshHosts, type SshHosts } from "../support/ssh-hosts";

const KEY = "c0ffee00d15ea5e5feedface0badf00d";
const env = { TSMPI_JOB_KEY: KEY };
const LAUNCHER = "a";
const NODE = "b";
const ATTACKER = "c";
const ADDRESSES = { [LAUNCHER]: "10.99.0.1", [NODE]: "10.99.0.2" };

/** What a fuzzer did, and what the jobs under it did. */
export interface Fuzzed {
  /** Of each attack, how often. */
  readonly attacks: Readonly<Record<string, number>>;
  readonly jobs: number;
  /** The digests of the weights that they ended with, and of a job that nobody disturbed. */
  readonly weights: readonly string[];
  readonly undisturbed: string;
  /** Of the largest process: resident memory, MiB. */
  readonly mostMiB: number;
  readonly mostUndisturbedMiB: number;
}

/** Trains on two hosts, one job after another on the same agent, while a third host attacks every port that listens there. */
export async function fuzz(seconds: number, seed: number): Promise<Fuzzed> {
  const hosts = await openSshHosts({ hosts: 3 });
  const agent = start({
    ...{ command: hosts.commandOn(NODE), env, timeoutMs: 3_600_000 },
    args: ["agent", "--join", `${ADDRESSES[LAUNCHER]}:29400`, "--slots", "2"],
  });
  try {
    const undisturbed = await trained(hosts);
    const [command, ...rest] = hosts.commandOn(ATTACKER);
    const program = join(__dirname, "programs/attack.js");
    const attacker = spawn(command, [
      ...rest,
      process.execPath,
      program,
      String(seed),
    ]);
    const said = text(attacker.stdout);
    const aiming = setInterval(() => {
      attacker.stdin.write(JSON.stringify(targets(hosts)) + "\n");
    }, 250);
    const weights: string[] = [];
    let mostMiB = 0;
    for (
      const endMs = performance.now() + seconds * 1000;
      performance.now() < endMs;
    ) {
      const job = await trained(hosts);
      weights.push(job.weights);
      mostMiB = Math.max(mostMiB, job.mostMiB);
    }
    clearInterval(aiming);
    attacker.stdin.end();
    await once(attacker, "close");
    return {
      attacks: JSON.parse(await said) as Record<string, number>,
      ...{ jobs: weights.length, weights, mostMiB },
      undisturbed: undisturbed.weights,
      mostUndisturbedMiB: undisturbed.mostMiB,
    };
  } finally {
    agent.process.kill("SIGTERM");
    await agent.done;
    hosts.close();
  }
}

async function trained(
  hosts: SshHosts,
): Promise<{ readonly weights: string; readonly mostMiB: number }> {
  let mostMiB = 0;
  const measuring = setInterval(() => {
    const pids = [LAUNCHER, NODE].flatMap((name) => hosts.pidsOn(name));
    mostMiB = Math.max(mostMiB, ...pids.map(residentMiB));
  }, 500);
  const job = start({
    ...{ command: hosts.commandOn(LAUNCHER), env, timeoutMs: 120_000 },
    args: [
      ...["--host", "localhost:1", "--agents", "29400", "-n", "3"],
      ...["--engine", "wasm", "-x", "OMP_NUM_THREADS=1"],
      ...[join(__dirname, "../../examples/mnist.ts"), "--epochs", "1"],
    ],
  });
  const { exitCode, stdout, stderr }: Launched = await job.done;
  clearInterval(measuring);
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${stderr}`);
  return { mostMiB, weights: /^weights sha256 (\w+)$/m.exec(stdout)![1]! };
}

/** Every port that listens, but for ssh's. */
const targets = (hosts: SshHosts): [string, number][] =>
  [LAUNCHER, NODE].flatMap((name) =>
    hosts
      .on(name, "ss", "-ltnH")
      .split("\n")
      .flatMap((line): [string, number][] => {
        const port = Number(/:(\d+)\s/.exec(line)?.[1] ?? 22);
        return port === 22 ? [] : [[ADDRESSES[name as "a" | "b"], port]];
      }),
  );

function residentMiB(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
