import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start } from "../support/launch";
import { type Network, noNetwork, openNetwork } from "../support/network-hosts";
import { runByHand } from "../support/ranks-by-hand";
import { placeOn } from "./place";
import { unless } from "../support/unless";

const { suite } = unless(
  noNetwork({ hosts: 2 }) ?? noTcpdump(),
  "tests of what a network sees are",
);

function noTcpdump(): string | null {
  try {
    execFileSync("tcpdump", ["--version"], { stdio: "ignore" });
    return null;
  } catch {
    return "there is no tcpdump";
  }
}

const JOB_KEY = "5e884898da28047151d0e56f8dc62927";
/** As they would look on the wire: several, so that no chance hits. */
const OF_RANKS = {
  weights: Buffer.from(new Float32Array(4).fill(1_234.567).buffer),
  message: Buffer.from("the secret plan"),
  "rank's name": Buffer.from("rank-1"),
  "control message": Buffer.from("endpoint"),
  "coordinator's answer": Buffer.from("released"),
};

type Secrets = Readonly<Record<string, Buffer>>;

/**
 * All that goes over the link of the second host.
 *
 * @param job runs on both hosts; @returns what nobody may see of it
 */
async function capture(
  job: (network: Network) => Promise<Secrets>,
): Promise<{ readonly packets: Buffer; readonly secrets: Secrets }> {
  const network = openNetwork({ hosts: 2 });
  const folder = mkdtempSync(join(tmpdir(), "tsmpi-capture-"));
  const file = join(folder, "packets");
  try {
    const [program, ...args] = network.hosts[1]!.command;
    const tcpdump = spawn(
      program,
      [
        ...[...args, "tcpdump", "--immediate-mode", "-i", "eth0"],
        // A buffer that holds all of it, whoever has the processor.
        ...["-B", "65536", "-w", file],
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    let said = "";
    tcpdump.stderr.setEncoding("utf8").on("data", (text) => (said += text));
    while (!said.includes("listening on")) await once(tcpdump.stderr, "data");
    const secrets = await job(network);
    tcpdump.kill("SIGINT");
    await once(tcpdump, "close");
    expect(said).toContain("0 packets dropped by kernel");
    return { packets: readFileSync(file), secrets };
  } finally {
    network.close();
    rmSync(folder, { recursive: true });
  }
}

const seenIn = ({ packets, secrets }: Awaited<ReturnType<typeof capture>>) =>
  Object.entries(secrets)
    .filter(([, bytes]) => packets.includes(bytes))
    .map(([name]) => name);

const byHand =
  (env: Readonly<Record<string, string>>) =>
  async (network: Network): Promise<Secrets> => {
    const { env: place, ...placed } = placeOn(network, [1, 1]);
    const ends = await runByHand({
      ...{ program: "secrets.js", ...placed },
      env: { ...place, TSMPI_JOB_KEY: JOB_KEY, ...env },
    });
    expect(ends.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    return { "job key": Buffer.from(JOB_KEY), ...OF_RANKS };
  };

/** Rank 0 beside the launcher, rank 1 on an agent. */
const byAgent =
  (...flags: readonly string[]) =>
  async ({ hosts }: Network): Promise<Secrets> => {
    const env = { TSMPI_JOB_KEY: JOB_KEY };
    const [here, there] = hosts;
    const agent = start({
      ...{ command: there!.command, env },
      args: [
        ...["agent", "--join", `${here!.address}:29400`, "--once"],
        ...["--slots", "1", ...flags],
      ],
    });
    const { exitCode, stdout } = await start({
      ...{ command: here!.command, env },
      args: [
        ...["--agents", "29400", "--host", "localhost:1", "-n", "2", ...flags],
        ...[join(__dirname, "../worker/programs/secrets.js"), "key"],
      ],
    }).done;
    expect(exitCode).toBe(0);
    expect((await agent.done).exitCode).toBe(0);
    const [, jobKey] = /^key ([0-9a-f]{64})$/m.exec(stdout)!;
    return {
      "agents' key": Buffer.from(JOB_KEY),
      "job's own key": Buffer.from(jobKey!),
      "start order": Buffer.from("LOCAL_WORLD_SIZE"),
      ...OF_RANKS,
    };
  };

suite("who sees the network between the hosts of a job", () => {
  it("sees nothing of what it says", async () => {
    const captured = await capture(byHand({}));
    // The sums went both ways.
    expect(captured.packets.byteLength).toBeGreaterThan(400_000);
    expect(seenIn(captured)).toEqual([]);
  });

  it("sees everything with TSMPI_INSECURE=1", async () => {
    const captured = await capture(byHand({ TSMPI_INSECURE: "1" }));
    expect(seenIn(captured)).toEqual(Object.keys(captured.secrets));
  });

  it("sees nothing of what a launcher says to an agent, its start orders with the job's key among it", async () => {
    const captured = await capture(byAgent());
    expect(captured.packets.byteLength).toBeGreaterThan(400_000);
    expect(seenIn(captured)).toEqual([]);
  });

  it("sees that, too, with --insecure", async () => {
    const captured = await capture(byAgent("--insecure"));
    expect(seenIn(captured)).toEqual(Object.keys(captured.secrets));
  });
});
