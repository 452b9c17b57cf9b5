import { readFileSync } from "node:fs";
import {
  createLog,
  HostError,
  jobKeyOf,
  type Log,
  readEnvironment,
  readLogLevel,
} from "@tsmpi/protocol";
import type { MessageLink, AgentServer, Credentials } from "@tsmpi/transport";
import type { RunOptions } from "../options";
import type { HostFacts } from "../plan";
import { connectAgent, type ConnectedHost, twice } from "./connect";
import type { Gathered, GatherOptions } from "./gather";

/** Without `-n` the job begins when nobody else has joined for this long. */
const LAST_CALL_MS = 3_000;

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
 * Waits for agents: until they have slots enough for `-n`, or without it until no more come.
 *
 * @throws {HostError} too few have come in the time of `--start-timeout`, or one cannot be used
 */
export async function gatherAgents(
  {
    programs,
    startTimeoutMs,
    hosts: { agents, insecure, oversubscribe },
  }: RunOptions,
  { named, variables, paths, gpus }: AgentsOptions,
): Promise<Gathered> {
  const { address, port } = agents!;
  const credentials = await agentCredentials(variables, { insecure });
  const { loadAgents } = await import("@tsmpi/transport");
  const sockets = await loadAgents();
  const waiting = new Waiting({
    ranks: programs.some(({ ranks }) => ranks === null)
      ? null
      : programs.reduce((sum, { ranks }) => sum + ranks!, 0),
    ...{ named, port, oversubscribe },
    timeoutMs: startTimeoutMs ?? readEnvironment(variables).startTimeoutMs,
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
    await Promise.all(waiting.agents.map(({ host }) => host.close()));
    server?.close();
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

interface WaitingOptions {
  /** Null: as many as there are slots. */
  readonly ranks: number | null;
  readonly named: readonly HostFacts[];
  readonly port: number;
  readonly oversubscribe: boolean;
  readonly timeoutMs: number;
}

/** The agents that have come so far, and whether they are enough. */
class Waiting {
  agents: readonly Agent[] = [];
  readonly complete: Promise<readonly Agent[]>;
  readonly #timer: NodeJS.Timeout;
  #lastCall: NodeJS.Timeout | undefined;
  #isOver = false;
  #resolve: (agents: readonly Agent[]) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(private readonly options: WaitingOptions) {
    this.complete = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timer = setTimeout(() => this.#giveUp(), options.timeoutMs);
  }

  joined(agent: Agent): void {
    if (this.#isOver) return;
    this.agents = [...this.agents, agent];
    const { ranks } = this.options;
    if (ranks !== null && this.#slots() >= ranks)
      return this.#resolve(this.agents);
    this.#callLast();
  }

  /** No more are waited for. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** One that has joined has ended. From the start of the job on that is the job's affair. */
  left(agent: Agent): void {
    if (this.#isOver) return;
    this.agents = this.agents.filter((other) => other !== agent);
    this.#callLast();
  }

  #callLast(): void {
    clearTimeout(this.#lastCall);
    const { ranks } = this.options;
    if (ranks === null && this.agents.length > 0 && !this.#isOver)
      this.#lastCall = setTimeout(
        () => this.#resolve(this.agents),
        LAST_CALL_MS,
      );
  }

  close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#lastCall);
  }

  #slots(): number {
    return [...this.options.named, ...this.agents].reduce(
      (sum, { slots, cores }) => sum + (slots ?? cores.length),
      0,
    );
  }

  #giveUp(): void {
    const { ranks, timeoutMs, port, oversubscribe } = this.options;
    if (oversubscribe && this.agents.length > 0)
      return this.#resolve(this.agents);
    const there = this.agents.map(
      ({ name, slots, cores }) => `${name} (${slots ?? cores.length})`,
    );
    this.#reject(
      new HostError(
        `within ${timeoutMs / 1000} s ${ranks === null ? "no agent has joined" : `there are ${this.#slots()} slots of the ${ranks} that -n asks for`}${there.length > 0 ? `: ${there.join(", ")}` : ""}; run "tsrun agent --join HOST:${port}" on each host, with the same TSMPI_JOB_KEY, or raise --start-timeout`,
      ),
    );
  }
}
