import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { noNetwork, openNetwork } from "../support/network-hosts";
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
const SECRETS = {
  "job key": Buffer.from(JOB_KEY),
  weights: Buffer.from(new Float32Array(4).fill(1_234.567).buffer),
  message: Buffer.from("the secret plan"),
  "rank's name": Buffer.from("rank-1"),
  "control message": Buffer.from("endpoint"),
  "coordinator's answer": Buffer.from("released"),
};

/** All that goes over the link of the second host while a job runs on both. */
async function capture(env: Readonly<Record<string, string>>): Promise<Buffer> {
  const network = openNetwork({ hosts: 2 });
  const folder = mkdtempSync(join(tmpdir(), "tsmpi-capture-"));
  const file = join(folder, "packets");
  try {
    const [program, ...args] = network.hosts[1]!.command;
    const tcpdump = spawn(
      program,
      // A buffer that holds all of it, whoever has the processor.
      [
        ...args,
        "tcpdump",
        "--immediate-mode",
        "-i",
        "eth0",
        "-B",
        "65536",
        "-w",
        file,
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    let said = "";
    tcpdump.stderr.setEncoding("utf8").on("data", (text) => (said += text));
    while (!said.includes("listening on")) await once(tcpdump.stderr, "data");
    const { env: place, ...placed } = placeOn(network, [1, 1]);
    const ends = await runByHand({
      ...{ program: "secrets.js", ...placed },
      env: { ...place, TSMPI_JOB_KEY: JOB_KEY, ...env },
    });
    expect(ends.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    tcpdump.kill("SIGINT");
    await once(tcpdump, "close");
    expect(said).toContain("0 packets dropped by kernel");
    return readFileSync(file);
  } finally {
    network.close();
    rmSync(folder, { recursive: true });
  }
}

const seenIn = (packets: Buffer): string[] =>
  Object.entries(SECRETS)
    .filter(([, bytes]) => packets.includes(bytes))
    .map(([name]) => name);

suite("who sees the network between the hosts of a job", () => {
  it("sees nothing of what it says", async () => {
    const packets = await capture({});
    // The sums went both ways.
    expect(packets.byteLength).toBeGreaterThan(400_000);
    expect(seenIn(packets)).toEqual([]);
  });

  it("sees everything with TSMPI_INSECURE=1", async () => {
    const packets = await capture({ TSMPI_INSECURE: "1" });
    expect(seenIn(packets)).toEqual(Object.keys(SECRETS));
  });
});
