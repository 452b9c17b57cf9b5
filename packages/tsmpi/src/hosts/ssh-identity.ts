import { accessSync, constants, existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { UsageError } from "../usage-error";

/**
 * Looks for the key of `--ssh-identity`: ssh would go on without it, and be refused for another reason.
 *
 * @throws {UsageError} there is no such file, or it cannot be read
 */
export function checkIdentity(file: string): void {
  // ssh fills in %d, %u and others itself.
  if (file.includes("%")) return;
  const path = file.replace(/^~(?=\/)/, homedir());
  // Its private half may be with the user's ssh-agent.
  if (!existsSync(path) && existsSync(`${path}.pub`)) return;
  const problem = problemOf(path);
  if (problem !== null)
    throw new UsageError(`--ssh-identity ${file}: ${problem}`);
}

function problemOf(path: string): string | null {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isFile()
      ? null
      : "it is no file; name the private key in it";
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EACCES")
      return "its permissions forbid to read it; chmod u+r gives them";
    return code === "ENOENT"
      ? "there is no such file; name a private key, as ssh-keygen makes one"
      : message;
  }
}
