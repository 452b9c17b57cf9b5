import { HostError, TsmpiError } from "@tsmpi/protocol";
import type { MessageLink } from "@tsmpi/transport";
import { Answering } from "./answers";
import { ownFacts } from "./facts";
import type { Host } from "./host";
import type { AgentFacts, Answers, Devices, Question } from "./host-messages";
import { LocalHost } from "./local-host";
import { RemoteHost } from "./remote-host";
import { SshLink, type SshOptions, syncFolder } from "./ssh";

/** A host that somebody has named. */
export interface NamedHost {
  /** As ssh takes it: a name or address, with user@ in front if need be. */
  readonly destination: string;
  /** For people. */
  readonly name: string;
  /** This one: no ssh. */
  readonly isLocal: boolean;
}

/** A host that is there, and fit for the job. */
export interface ConnectedHost extends Devices {
  readonly name: string;
  readonly isLocal: boolean;
  readonly facts: AgentFacts;
  readonly host: Host;
  /** Why nobody answers there any more, once that is so. */
  readonly ended: Promise<string>;
  ask<Type extends Question["type"]>(
    question: Extract<Question, { type: Type }>,
  ): Promise<Answers[Type]>;
}

export interface ConnectOptions {
  readonly ssh: SshOptions;
  /** A folder that is copied to each host first; null: none. */
  readonly sync: string | null;
  /** What must be there. */
  readonly paths: readonly string[];
  /** Which GPUs are wanted; see `Question`. */
  readonly gpus: Extract<Question, { type: "devices" }>["gpus"];
  /** No host is reached any more: what has been begun ends at once, with any error. */
  readonly signal: AbortSignal;
}

/**
 * Reaches all hosts at once, and looks whether each is fit for the job.
 *
 * @throws {HostError} a line for each that is not; none is left connected
 */
export async function connectHosts(
  named: readonly NamedHost[],
  options: ConnectOptions,
): Promise<readonly ConnectedHost[]> {
  const all = await Promise.allSettled(
    named.map((host) =>
      host.isLocal ? hereAs(host.name, options) : connectBySsh(host, options),
    ),
  );
  const hosts = all.flatMap((result) =>
    result.status === "fulfilled" ? [result.value] : [],
  );
  const problems = [
    ...all.flatMap((result) =>
      result.status === "rejected" ? [result.reason as Error] : [],
    ),
    ...twice(hosts),
  ];
  if (problems.length === 0) return hosts;
  await Promise.all(hosts.map(({ host }) => host.close()));
  options.signal.throwIfAborted();
  for (const problem of problems)
    if (!(problem instanceof TsmpiError)) throw problem;
  throw new HostError(problems.map(({ message }) => message).join("\n"));
}

/** This host, as a member of a job on several. */
export async function hereAs(
  name: string,
  { paths, gpus, signal }: Pick<ConnectOptions, "paths" | "gpus" | "signal">,
): Promise<ConnectedHost> {
  const answering = new Answering();
  signal.addEventListener("abort", () => answering.close());
  const ask = ((question: Question) =>
    answering.answer(question)) as ConnectedHost["ask"];
  const fit = await fitness({ name, ask }, { paths, gpus });
  return {
    ...{ name, isLocal: true, facts: await ownFacts(null), ...fit },
    ...{ host: new LocalHost(), ended: new Promise(() => {}), ask },
  };
}

async function connectBySsh(
  { name, destination }: NamedHost,
  options: ConnectOptions,
): Promise<ConnectedHost> {
  const { sync, signal } = options;
  const ssh = { ...options.ssh, signal };
  if (sync !== null) await syncFolder(sync, destination, ssh);
  return connectAgent(name, new SshLink(destination, ssh), options);
}

/**
 * @param known the host's name; null: as it says itself
 * @throws {HostError} there is no agent, or it is not fit for the job
 */
export async function connectAgent(
  known: string | null,
  link: MessageLink,
  options: Pick<ConnectOptions, "paths" | "gpus">,
): Promise<ConnectedHost> {
  const host = new RemoteHost(link, known ?? "the agent");
  try {
    const facts = await Promise.race([
      host.facts,
      host.ended.then((why) => {
        throw new HostError(why);
      }),
    ]);
    const name = known ?? facts.hostname;
    checkAlike(name, facts, await ownFacts(null));
    const ask: ConnectedHost["ask"] = (question) => host.ask(question);
    const fit = await fitness({ name, ask }, options);
    const { ended } = host;
    return { ...{ name, isLocal: false, facts, host, ended, ask }, ...fit };
  } catch (error) {
    await host.close();
    throw error;
  }
}

const major = (version: string): string => version.split(".")[0]!;

/** @throws {HostError} ranks there and here would not compute alike */
function checkAlike(name: string, there: AgentFacts, here: AgentFacts): void {
  const differences = [
    ["tsmpi", there.version, here.version],
    ["Node", major(there.node), major(here.node)],
    ["platform", there.platform, here.platform],
  ].flatMap(([what, theirs, ours]) =>
    theirs === ours ? [] : [`${what} ${theirs}, and here it is ${ours}`],
  );
  if (differences.length > 0)
    throw new HostError(
      `on ${name} it is ${differences.join("; ")}; all hosts of a job need the same`,
    );
}

async function fitness(
  { name, ask }: Pick<ConnectedHost, "name" | "ask">,
  { paths, gpus }: Pick<ConnectOptions, "paths" | "gpus">,
): Promise<Devices> {
  const on = (error: Error): never => {
    throw new HostError(`${name}: ${error.message}`, { cause: error });
  };
  const missing = await ask({ type: "missing", paths }).catch(on);
  if (missing.length > 0)
    throw new HostError(
      `there is no ${missing[0]} on ${name}; use a folder that all hosts share, or copy it with --sync`,
    );
  return ask({ type: "devices", gpus }).catch(on);
}

/** Two names for one machine would share its cores, and its ranks would be counted wrong. @returns a problem for each */
export function twice(hosts: readonly ConnectedHost[]): HostError[] {
  return hosts.flatMap(({ name, facts: { machine } }, index) => {
    const other = hosts
      .slice(0, index)
      .find(({ facts }) => facts.machine === machine);
    return other
      ? [
          new HostError(
            `${other.name} and ${name} are the same host; name it once, with as many slots as both`,
          ),
        ]
      : [];
  });
}
