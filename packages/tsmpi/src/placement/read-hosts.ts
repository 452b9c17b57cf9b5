import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "../usage-error";
import { chooseHosts, type Host } from "./choose-hosts";
import type { HostOptions } from "./host-options";
import { parseHostfile } from "./hostfile";
import { findOwnHost } from "./own-host";

/**
 * The hosts that are asked for, each once. Reads the hostfile, and resolves names to know this machine among them; reaches none.
 *
 * @param cwd where a relative name of the hostfile begins
 * @throws {UsageError}
 */
export async function readHosts(
  { hostfile: file, host: list }: Pick<HostOptions, "hostfile" | "host">,
  cwd: string,
): Promise<Host[]> {
  const lines = file === null ? [] : parseHostfile(textOf(file, cwd), file);
  const names = [...lines, ...(list ?? [])].map(({ name }) => name);
  const own = await findOwnHost(names);
  return chooseHosts({
    hostfile: file === null ? null : { file, lines },
    list,
    own,
  });
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT:
    "there is no such file; write one with a host a line, as in: node1 slots=4",
  EACCES: "its permissions forbid to read it; chmod u+r gives them",
  EISDIR: "it is a folder; name the file in it",
};

function textOf(file: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, file), "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(`--hostfile ${file}: ${WHY[code ?? ""] ?? message}`, {
      cause: error,
    });
  }
}
