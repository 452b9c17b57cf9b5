import type { RankEnvironment } from "./environment";
import { EnvironmentError } from "./errors";

/** Between hosts a key is guessed at offline, by whoever has seen one handshake. */
const LEAST_BITS = 80;

const MAKE = "make one with `openssl rand -hex 32`";
const CURE = `${MAKE} and give it to all ranks, in TSMPI_JOB_KEY or a file that TSMPI_JOB_KEY_FILE names`;

type Hosts = Pick<
  RankEnvironment,
  "size" | "localSize" | "insecure" | "encrypt"
>;

/** Whether what the ranks say to each other is encrypted: between hosts, unless somebody has said that it need not be. */
export const isEncrypted = (hosts: Hosts): boolean =>
  hosts.encrypt || (hosts.localSize !== hosts.size && !hosts.insecure);

/**
 * The secret of the job: TSMPI_JOB_KEY, else what TSMPI_JOB_KEY_FILE names, without white space around it.
 *
 * @param read a file's text
 * @throws {EnvironmentError} there is none, it cannot be read, or it is too easily guessed for a job that is encrypted with it
 */
export function jobKeyOf(
  facts: Hosts & Pick<RankEnvironment, "jobKey" | "jobKeyFile">,
  read: (path: string) => string,
): string {
  const { jobKeyFile, size, localSize } = facts;
  const key = facts.jobKey || (jobKeyFile ? fromFile(jobKeyFile, read) : "");
  if (key === "")
    throw new EnvironmentError(
      localSize === size
        ? "TSMPI_JOB_KEY is not set; start the ranks with tsrun, or give them all the same secret"
        : `TSMPI_JOB_KEY is not set, and ranks run on several hosts; ${CURE}`,
    );
  if (isEncrypted(facts) && guessableBits(key) < LEAST_BITS)
    throw new EnvironmentError(
      `the job key is too weak to encrypt with (${key.length} characters); ${CURE}`,
    );
  return key;
}

function fromFile(path: string, read: (path: string) => string): string {
  let text: string;
  try {
    text = read(path).trim();
  } catch (cause) {
    throw new EnvironmentError(
      `the job key cannot be read from TSMPI_JOB_KEY_FILE=${path}: ${(cause as Error).message}`,
      { cause },
    );
  }
  if (text !== "") return text;
  throw new EnvironmentError(`TSMPI_JOB_KEY_FILE=${path} is empty; ${MAKE}`);
}

/** At most: what drawing each character at random from those that occur would give. */
const guessableBits = (key: string): number =>
  key.length * Math.log2(new Set(key).size);
