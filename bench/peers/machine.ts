import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import { output } from "./commands.ts";

/** Where was measured, and what. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  /** Of Node.js, of ours and of the peers that are there, by name. */
  readonly versions: Readonly<Record<string, string>>;
}

export const thisMachine = async (
  peers: Machine["versions"],
): Promise<Machine> => ({
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${type()} ${release()}`,
  versions: {
    "Node.js": process.versions.node,
    ...(await ownVersion()),
    ...peers,
  },
});

/** The commit, where this is a repository. */
async function ownVersion(): Promise<Machine["versions"]> {
  const commit = await output(["git", "rev-parse", "--short", "HEAD"]);
  return commit === null ? {} : { tsmpi: commit.trim() };
}

/** On one line, for people. */
export const machineText = ({
  cpu,
  cores,
  memoryGiB,
  system,
  versions,
}: Machine): string =>
  [
    `${cpu}, ${cores} core${cores === 1 ? "" : "s"}, ${memoryGiB} GiB`,
    system,
    ...Object.entries(versions).map((entry) => entry.join(" ")),
  ].join("; ");
