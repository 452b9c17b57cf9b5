// Runs a program on hosts that are network namespaces, rank by rank, as `torchrun` and `tsrun` would:
//
//     node --import tsx bench/peers/on-hosts.ts HOSTS RANKS_PER_HOST MBIT_PER_S COMMAND…
import { spawn } from "node:child_process";
import { once } from "node:events";
import { openNetwork } from "../../test/support/network-hosts.ts";

const [hosts = "", perHost = "", mbit = "", ...command] = process.argv.slice(2);
const local = Number(perHost);
const size = Number(hosts) * local;
const network = openNetwork({
  ...{ hosts: Number(hosts), mbitPerSecond: Number(mbit) },
});
try {
  const ranks = Array.from({ length: size }, (_, rank) => {
    const host = network.hosts[Math.floor(rank / local)]!;
    const [program, ...args] = [...host.command, ...command];
    return spawn(program, args, {
      stdio: "inherit",
      env: {
        ...process.env,
        RANK: String(rank),
        WORLD_SIZE: String(size),
        LOCAL_RANK: String(rank % local),
        LOCAL_WORLD_SIZE: String(local),
        MASTER_ADDR: network.hosts[0]!.address,
        MASTER_PORT: "29500",
        TSMPI_JOB_KEY: "5d41402abc4b2a76b9719d911017c592",
        // The peers encrypt nothing either.
        TSMPI_INSECURE: process.env.TSMPI_INSECURE ?? "1",
        GLOO_SOCKET_IFNAME: "eth0",
      },
    });
  });
  const ends = await Promise.all(
    ranks.map(async (rank) => (await once(rank, "exit")) as [number | null]),
  );
  const failed = ends.findIndex(([code]) => code !== 0);
  if (failed >= 0)
    throw new Error(`rank ${failed} ended with ${ends[failed]![0]}`);
} finally {
  network.close();
}
