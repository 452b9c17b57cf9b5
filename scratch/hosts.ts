import { spawn } from "node:child_process";
import { openNetwork, noNetwork } from "../test/support/network-hosts";
console.log("no network:", noNetwork({hosts:1, delayMs: 0.5}));
const net = openNetwork({ hosts: 2, mbitPerSecond: Number(process.env.MBIT ?? 1000), delayMs: Number(process.env.DELAY ?? 0) });
const [what, per, ...args] = process.argv.slice(2);
const local = Number(per);
const size = 2 * local;
const procs = Array.from({ length: size }, (_, rank) => {
  const host = net.hosts[Math.floor(rank / local)]!;
  const [cmd, ...rest] = host.command;
  const prog = what === "gloo" ? ["/tmp/me/venv/bin/python", "bench/peers/allreduce.py", ...args] : ["node", "--import", "tsx", ...args];
  return spawn(cmd, [...rest, ...prog], { stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, RANK: String(rank), WORLD_SIZE: String(size), LOCAL_RANK: String(rank % local), LOCAL_WORLD_SIZE: String(local), MASTER_ADDR: net.hosts[0]!.address, MASTER_PORT: "29511", TSMPI_JOB_KEY: "k", TSMPI_INSECURE: "1", GLOO_SOCKET_IFNAME: "eth0", TSMPI_LOG: process.env.TSMPI_LOG } });
});
Promise.all(procs.map((p) => new Promise((r) => p.on("exit", r)))).then((codes) => { console.log(codes.join()); net.close(); });
