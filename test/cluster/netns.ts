import { attempt } from "./commands.ts";
import { install } from "./install.ts";
import type { Outcome } from "./suites.ts";

const TOOLS = {
  ip: "iproute2",
  tc: "iproute2",
  iptables: "iptables",
  tcpdump: "tcpdump",
  sshd: "openssh-server",
  ssh: "openssh-client",
  rsync: "rsync",
} as const;

/** Hosts are network namespaces; jest counts, and says why it skips. */
export async function run(): Promise<Outcome> {
  if (process.platform !== "linux") return { skipped: "it needs Linux" };
  if (process.getuid?.() !== 0)
    return { skipped: "only root makes network namespaces" };
  const why = await install(TOOLS);
  if (why !== null) return { skipped: why };
  const { code } = await attempt("npx", ["jest", "test/hosts"], {
    timeoutMs: 900_000,
    isShown: true,
  });
  return { passed: Number(code === 0), failed: Number(code !== 0) };
}
