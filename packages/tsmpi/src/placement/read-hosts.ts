import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "../usage-error";
import { chooseHosts, type Host } from "./choose-hosts";
import type { HostOptions } from "./host-options";
import { parseHostfile } from "./hostfile";
import { ownHost } from "./own-host";

/**
 * The hosts that are asked for, each once. Reads the hostfile, reaches none of them.
 *
 * @param cwd where a relative name of the hostfile begins
 * @throws {UsageError}
 */
export const readHosts = (
  { hostfile, host }: Pick<HostOptions, "hostfile" | "host">,
  cwd: string,
): Host[] =>
  chooseHosts({
    hostfile:
      hostfile === null
        ? null
        : {
            file: hostfile,
            lines: parseHostfile(textOf(hostfile, cwd), hostfile),
          },
    list: host,
    own: ownHost(),
  });

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
