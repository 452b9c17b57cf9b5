import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { RunOptions } from "../options";
import { readHosts } from "../placement/read-hosts";
import type { HostFacts } from "../plan";
import {
  connectHosts,
  type ConnectedHost,
  type ConnectOptions,
} from "./connect";

export interface GatherOptions extends Pick<ConnectOptions, "paths" | "gpus"> {
  /** Where relative names begin. */
  readonly cwd: string;
  /** The launcher's. */
  readonly variables: Variables;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** All hosts of a job, each of them reached. */
export interface Gathered {
  readonly hosts: readonly (ConnectedHost & HostFacts)[];
  /** What the ranks may inherit. */
  readonly variables: Variables;
  close(): Promise<void>;
}

/**
 * Reaches the hosts that the command line names, and those whose agents join.
 *
 * @throws {UsageError} the hostfile cannot be read, or names nonsense
 * @throws {HostError} a host cannot be used; none is left connected
 */
export async function gatherHosts(
  options: RunOptions,
  { cwd, variables, paths, gpus }: GatherOptions,
): Promise<Gathered> {
  const { hosts: asked } = options;
  const isAgentsOnly =
    asked.agents !== null && asked.host === null && asked.hostfile === null;
  const wanted = isAgentsOnly ? [] : await readHosts(asked, cwd);
  const named = await connectHosts(
    wanted.map(({ name, user, isLocal }) => ({
      ...{ name, isLocal },
      destination: user === null ? name : `${user}@${name}`,
    })),
    {
      ssh: { port: asked.sshPort, identity: asked.sshIdentity },
      sync: asked.sync ? programFolder(cwd) : null,
      ...{ paths, gpus },
    },
  );
  const hosts = named.map((host, i) => {
    const { slots, maxSlots } = wanted[i]!;
    return { ...host, slots, maxSlots };
  });
  const closeNamed = async (): Promise<void> => {
    await Promise.all(hosts.map(({ host }) => host.close()));
  };
  if (asked.agents === null) return { hosts, variables, close: closeNamed };
  const { gatherAgents } = await import("./agents.js");
  try {
    const agents = await gatherAgents(options, {
      ...{ named: hosts, variables, paths, gpus },
    });
    return {
      ...agents,
      hosts: [...hosts, ...agents.hosts],
      async close() {
        await closeNamed();
        await agents.close();
      },
    };
  } catch (error) {
    await closeNamed();
    throw error;
  }
}

/** The nearest folder with a package.json, which holds what the program imports; else the folder itself. */
function programFolder(cwd: string): string {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (dirname(folder) === folder) return cwd;
  }
}
