import { readFileSync } from "node:fs";
import {
  createLog,
  jobKeyOf,
  type Log,
  readEnvironment,
  readLogLevel,
} from "@tsmpi/protocol";
import type { AgentServer, Credentials, MessageLink } from "@tsmpi/transport";
import type { RunOptions } from "../options";
import type { HostFacts } from "../plan";
import { connectAgent, type ConnectedHost, twice } from "./connect";
import type { Gathered, GatherOptions } from "./gather";
import { Waiting } from "./waiting";

export interface AgentsOptions extends Omit<GatherOptions, "cwd" | "script"> {
  /** Those that are there already. */
  readonly named: readonly Agent[];
}

/** What both ends of an agent's connection need: no job is encrypted with it, each has a key of its own. */
export async function agentCredentials(
  variables: GatherOptions["variables"],
  { insecure }: { readonly insecure: boolean },
): Promise<Credentials> {
  const { jobKey, jobKeyFile, encrypt } = readEnvironment({
    ...variables,
    RANK: "0",
  });
  const isInsecure = insecure || variables.TSMPI_INSECURE === "1";
  const key = jobKeyOf(
    {
      ...{ jobKey, jobKeyFile, encrypt, insecure: isInsecure },
      // On several hosts.
      ...{ size: 2, localSize: 1 },
    },
    (path) => readFileSync(path, "utf8"),
  );
  const { curve, plain } = await import("@tsmpi/transport");
  return isInsecure ? plain(key) : curve(key);
}

export const launcherLog = (
  where: string,
  variables: GatherOptions["variables"],
): Log =>
  createLog({
    where,
    level: readLogLevel(variables),
    write: (line) => void process.stderr.write(line),
  });

type Agent = ConnectedHost & HostFacts;

/**
 * Waits for agents, until there is a place for each rank, or without `-n` until no more come.
 *
 * @throws {HostError} too few have come in the time of `--start-timeout`, or one cannot be used
 */
export async function gatherAgents(
  run: RunOptions,
  { named, variables, paths, gpus, signal }: AgentsOptions,
): Promise<Gathered> {
  const { insecure } = run.hosts;
  const { address, port } = run.hosts.agents!;
  const credentials = await agentCredentials(variables, { insecure });
  const { loadAgents } = await import("@tsmpi/transport");
  const sockets = await loadAgents();
  const waiting = new Waiting<Agent>({
    ...{ run, named },
    timeoutMs: run.startTimeoutMs ?? readEnvironment(variables).startTimeoutMs,
    signal,
  });
  const log = launcherLog("tsrun", variables);
  const connect = async (link: MessageLink): Promise<void> => {
    // A late one hears nothing from us, and tries again when this job may be over.
    if (waiting.isOver) return;
    try {
      const agent = await connectJoined(link, { paths, gpus });
      waiting.joined(agent);
      void agent.ended.then(() => waiting.left(agent));
    } catch (error) {
      const { message } = error as Error;
      if (!waiting.isOver) log.warn(`an agent takes no part: ${message}`);
    }
  };
  let server: AgentServer | null = null;
  const close = async (): Promise<void> => {
    const hosts = waiting.agents.map(({ host }) => host.close());
    await Promise.all([server?.close(), ...hosts]);
    await sockets.closeThreadSockets();
  };
  try {
    server = await sockets.listenForAgents({
      ...{ address, port, credentials, log },
      onAgent: (link) => void connect(link),
    });
    const hosts = await waiting.complete;
    const [problem] = twice([...named, ...hosts]);
    if (problem) throw problem;
    return { hosts, variables: withoutKey(variables), close };
  } catch (error) {
    await close();
    throw error;
  } finally {
    waiting.close();
  }
}

async function connectJoined(
  link: MessageLink,
  options: Pick<GatherOptions, "paths" | "gpus">,
): Promise<Agent> {
  const host = await connectAgent(null, link, options);
  return {
    ...host,
    ...{ slots: host.facts.slots, maxSlots: null },
  };
}

/** The agents' key outlives jobs: each job has one of its own. */
function withoutKey(variables: GatherOptions["variables"]) {
  const { TSMPI_JOB_KEY: _, TSMPI_JOB_KEY_FILE: __, ...rest } = variables;
  return rest;
}
