import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { RunOptions } from "../options";
import { readHosts } from "../placement/read-hosts";
import { UsageError } from "../usage-error";
import type { HostFacts } from "../plan";
import {
  connectHosts,
  type ConnectedHost,
  type ConnectOptions,
} from "./connect";
import { checkIdentity } from "./ssh-identity";

export interface GatherOptions extends Pick<
  ConnectOptions,
  "paths" | "gpus" | "signal"
> {
  /** Where relative names begin. */
  readonly cwd: string;
  /** The first program's file. */
  readonly script: string;
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
  { cwd, script, variables, paths, gpus, signal }: GatherOptions,
): Promise<Gathered> {
  const { hosts: asked } = options;
  const isAgentsOnly =
    asked.agents !== null && asked.host === null && asked.hostfile === null;
  const wanted = isAgentsOnly ? [] : await readHosts(asked, cwd);
  if (asked.sshIdentity !== null && wanted.some(({ isLocal }) => !isLocal))
    checkIdentity(asked.sshIdentity);
  const named = await connectHosts(
    wanted.map(({ name, user, isLocal }) => ({
      ...{ name, isLocal },
      destination: user === null ? name : `${user}@${name}`,
    })),
    {
      ssh: { port: asked.sshPort, identity: asked.sshIdentity },
      sync: asked.sync && !options.dryRun ? programFolder(script) : null,
      paths: asked.sync && options.dryRun ? [] : paths,
      ...{ gpus, signal },
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
      ...{ named: hosts, variables, paths, gpus, signal },
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

/**
 * What `--sync` copies: the nearest folder with a package.json, which holds what the program imports; else the program's own.
 *
 * @throws {UsageError} that is more than a program
 */
function programFolder(script: string): string {
  const own = dirname(script);
  let folder = own;
  while (
    !existsSync(join(folder, "package.json")) &&
    dirname(folder) !== folder
  )
    folder = dirname(folder);
  if (dirname(folder) === folder) folder = own;
  if (folder === homedir() || dirname(folder) === folder)
    throw new UsageError(
      `--sync would copy all of ${folder}; put the program into a folder of its own`,
    );
  return folder;
}
