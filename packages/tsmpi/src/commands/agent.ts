import { readEnvironment } from "@tsmpi/protocol";
import type { MessageLink } from "@tsmpi/transport";
import { AgentStatus } from "../hosts/agent-status";
import { exitCodeOfSignal } from "../exit-codes";
import { subcommandParser } from "../subcommand-parser";
import { UsageError } from "../usage-error";
import type { Command } from "../command";

/** Serves launchers, one job after another, on a host where no ssh is wanted. */
export const command: Command = {
  summary: "offer this host to the jobs of a launcher (tsrun --agents)",
  async run(argv) {
    const parsed = await subcommandParser({
      name: "agent",
      summary:
        "Joins whatever tsrun --agents PORT is started on HOST, and starts ranks here as it says; one job after another. TSMPI_JOB_KEY, or the file that TSMPI_JOB_KEY_FILE names, must be the same on both sides.",
      options: {
        join: { type: "string", describe: "HOST:PORT of the launcher" },
        slots: {
          type: "string",
          describe: "ranks to start here at most; default: one for each core",
        },
        once: {
          type: "boolean",
          describe: "end with the first job, instead of waiting for the next",
        },
        insecure: {
          type: "boolean",
          describe: "do not encrypt; the launcher must say so too",
        },
        status: {
          type: "string",
          describe:
            "a file that says waiting or serving, rewritten every 5 s: for health checks",
        },
      },
    })(argv);
    if (parsed === "help") return 0;
    const { once = false, insecure = false } = parsed;
    const { host, port } = readLauncher(parsed.join);
    const slots = readSlots(parsed.slots);
    const { agentCredentials } = await import("../hosts/agents.js");
    const { serveLauncher } = await import("../hosts/agent.js");
    const { loadAgents } = await import("@tsmpi/transport");
    const credentials = await agentCredentials(process.env, { insecure });
    const { connectTimeoutMs } = readEnvironment(process.env);
    const sockets = await loadAgents();
    const say = (text: string): void =>
      void process.stderr.write(`tsrun agent: ${text}\n`);
    const peer = `the launcher at ${parsed.join}`;
    let link: MessageLink | null = null;
    endOnSignals(async () => {
      await link?.close();
      await sockets.closeThreadSockets();
    });
    const status = new AgentStatus(parsed.status ?? null);
    say(`waiting for ${peer}`);
    for (let jobs = 0; !once || jobs === 0; jobs++) {
      status.tell("waiting");
      link = await sockets.joinLauncher({
        ...{ host, port, credentials, timeoutMs: connectTimeoutMs },
        mayBeAway: jobs > 0,
      });
      say(`serving ${peer}`);
      status.tell("serving");
      const why = await serveLauncher(link, { peer, slots });
      await link.close();
      link = null;
      say(`${why}; ${once ? "done" : "waiting for the next job"}`);
    }
    status.close();
    await sockets.closeThreadSockets();
    return 0;
  },
};

/** The guardian ends the ranks with us, and the launcher hears of it. */
function endOnSignals(close: () => Promise<void>): void {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const)
    process.once(signal, () => {
      void close().then(() => {
        process.kill(process.pid, signal);
        // The first process of a container has no default for signals.
        setTimeout(() => process.exit(exitCodeOfSignal(signal)), 100);
      });
    });
}

function readLauncher(text: string | undefined): {
  readonly host: string;
  readonly port: number;
} {
  if (text === undefined)
    throw new UsageError(
      "--join is missing: the host and port of the launcher, as in tsrun agent --join node1:29400",
    );
  const [, host, port] = /^\[?(.+?)\]?:(\d+)$/.exec(text) ?? [];
  if (host !== undefined && Number(port) >= 1 && Number(port) <= 65_535)
    return { host, port: Number(port) };
  throw new UsageError(
    `--join ${text} is no HOST:PORT; write the host and port of tsrun --agents, as in --join node1:29400`,
  );
}

function readSlots(text: string | undefined): number | null {
  if (text === undefined) return null;
  const slots = Number(text);
  if (Number.isInteger(slots) && slots >= 1) return slots;
  throw new UsageError(
    `--slots ${text} is no number of ranks; give a whole number of at least 1, as in --slots 2`,
  );
}
