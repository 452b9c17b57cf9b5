import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { HostError } from "@tsmpi/protocol";
import type { LinkListener, MessageLink } from "@tsmpi/transport";
import { StreamLink } from "./stream-link";

/** What `tsrun` says to ssh beside the host; all else is in the user's ssh config. */
export interface SshOptions {
  /** null: as ssh's config says. */
  readonly port: number | null;
  /** A file with a private key; null: as ssh's config says. */
  readonly identity: string | null;
}

/** How it is started. */
interface SshStart extends SshOptions {
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** ssh as it is called: it never asks anything, and notices a host that is gone. */
export const sshCommand = ({ port, identity }: SshOptions): string[] => [
  "ssh",
  ...["-x", "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10"],
  ...["-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=2"],
  ...(port === null ? [] : ["-p", String(port)]),
  ...(identity === null ? [] : ["-i", identity]),
];

const NO_NODE = 90;
const NO_TSMPI = 91;

/** Runs on the host: finds Node, and becomes an agent. $1 the launcher's Node, $2 the agent's file. */
const SCRIPT = [
  `node=`,
  `for n in "$1" "$(command -v node)"; do if [ -x "$n" ]; then node=$n; break; fi; done`,
  `[ -n "$node" ] || exit ${NO_NODE}`,
  `[ -r "$2" ] || exit ${NO_TSMPI}`,
  `exec "$node" "$2"`,
  // In one line: csh allows no other within quotes.
].join("; ");

const AGENT = join(__dirname, "agent-main.js");
/** Its last words are what is of interest. */
const STDERR_BYTES = 2_000;
/** How long ssh may take to end once we have closed its stdin. */
const END_MS = 2_000;

/**
 * Starts an agent on a host.
 *
 * @param destination a host, or user@host, as for ssh
 */
export class SshLink implements MessageLink {
  readonly #ssh: ChildProcess;
  readonly #stream: StreamLink;
  #stderr = "";
  #notStarted: Error | null = null;

  constructor(
    private readonly destination: string,
    options: SshStart,
  ) {
    const [command, ...flags] = sshCommand(options);
    // In a session of its own: Ctrl-C is for the ranks, and they hear of it from us.
    this.#ssh = spawn(
      command!,
      [...flags, "--", destination, remoteCommand()],
      {
        ...{ stdio: ["pipe", "pipe", "pipe"], detached: true },
        signal: options.signal,
      },
    );
    this.#ssh.on("error", (error) => (this.#notStarted = error));
    this.#ssh.stderr!.on("error", () => {});
    this.#ssh.stderr!.on("data", (bytes: Buffer) => {
      this.#stderr = (this.#stderr + bytes.toString()).slice(-STDERR_BYTES);
    });
    this.#stream = new StreamLink(this.#ssh.stdout!, this.#ssh.stdin!, {
      awaitsGreeting: true,
    });
  }

  send(message: Uint8Array): void {
    this.#stream.send(message);
  }

  listen({ message, end }: LinkListener): void {
    // The exit code says more than the end of the stream, and comes behind it.
    this.#stream.listen({ message, end: () => void this.#why().then(end) });
  }

  async close(): Promise<void> {
    await this.#stream.close();
    await this.#exited();
    this.#ssh.kill("SIGKILL");
    // What ssh has left in the background may hold it open.
    this.#ssh.stderr!.destroy();
  }

  async #why(): Promise<string> {
    await this.#exited();
    if (this.#notStarted)
      return `ssh cannot be started (${this.#notStarted.message}); install OpenSSH's client`;
    return explainSsh(this.destination, {
      code: this.#ssh.exitCode,
      stderr: this.#stderr,
    });
  }

  /** Or it takes too long. */
  async #exited(): Promise<void> {
    const { exitCode, signalCode, pid } = this.#ssh;
    if (exitCode === null && signalCode === null && pid !== undefined)
      await Promise.race([
        once(this.#ssh, "close"),
        sleep(END_MS, undefined, { ref: false }),
      ]);
  }
}

/** What ssh gives the login shell of a host, whichever that is. */
export const remoteCommand = (): string =>
  "exec " +
  ["/bin/sh", "-c", SCRIPT, "tsrun", process.execPath, AGENT]
    .map(quoted)
    .join(" ");

/** As a shell reads it. */
const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

const SSH_PROBLEMS: readonly (readonly [RegExp, (host: string) => string])[] = [
  [
    /Could not resolve hostname/,
    (host) =>
      `there is no host ${host}: its name does not resolve; give a name that ssh knows, or an address`,
  ],
  [
    /Host key verification failed|host key is known/i,
    (host) =>
      `ssh does not know the host key of ${host}, or it has changed; run ssh ${host} once by hand, and compare the key`,
  ],
  [
    /Permission denied|Too many authentication failures/,
    (host) =>
      `ssh may not log in to ${host} without a password, and tsrun types none; give it a key (ssh-copy-id ${host}), or name one with --ssh-identity`,
  ],
  [
    /Connection refused/,
    (host) =>
      `nobody listens for ssh on ${host}; is sshd running there, and --ssh-port right?`,
  ],
  [
    /Connection timed out|timed out|No route to host|Network is unreachable/,
    (host) =>
      `${host} does not answer: it is down, or a firewall is between; ssh ${host} must work by hand`,
  ],
  [
    /Identity file|no such identity|invalid format/i,
    () => "the key of --ssh-identity cannot be read",
  ],
];

/**
 * Why there is no agent, with the cure; or why there is none any more.
 *
 * @param code the exit code of ssh: its own is 255
 */
export function explainSsh(
  host: string,
  { code, stderr }: { readonly code: number | null; readonly stderr: string },
): string {
  if (code === NO_NODE)
    return `there is no Node on ${host}: neither ${process.execPath} nor a node in the PATH of its non-interactive shells; install Node ${process.version} there`;
  if (code === NO_TSMPI)
    return `there is no ${AGENT} on ${host}: install tsmpi in the same folder there, as with a shared file system, or let --sync copy it`;
  const said = stderr.trim().split("\n").at(-1) ?? "";
  const problem = SSH_PROBLEMS.find(([pattern]) => pattern.test(stderr));
  if (problem) return `${problem[1](host)} (ssh: ${said})`;
  return `the connection to ${host} has ended${said === "" ? "" : ` (${said})`}`;
}

/** rsync takes a first colon for the end of the host. */
const inBrackets = (destination: string): string =>
  destination.replace(/^(.*@)?([^@[]*:[^@]*)$/, "$1[$2]");

/** Copies a folder to the same place on a host, over ssh; what is only there stays. @throws {HostError} */
export async function syncFolder(
  folder: string,
  destination: string,
  options: SshStart,
): Promise<void> {
  const rsync = spawn(
    "rsync",
    [
      ...[
        "-a",
        "--exclude=.git",
        "-e",
        sshCommand(options).map(quoted).join(" "),
      ],
      `--rsync-path=mkdir -p ${quoted(folder)} && rsync`,
      ...[`${folder}/`, `${inBrackets(destination)}:${folder}/`],
    ],
    { stdio: ["ignore", "ignore", "pipe"], signal: options.signal },
  );
  let stderr = "";
  rsync.stderr.on("data", (bytes: Buffer) => {
    stderr = (stderr + bytes.toString()).slice(-STDERR_BYTES);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    rsync.on("close", resolve);
    rsync.on("error", reject);
  }).catch((error: Error) => {
    throw new HostError(
      `--sync: rsync cannot be started (${error.message}); install it`,
      { cause: error },
    );
  });
  if (code === 0) return;
  const why = /rsync: .*not found/.test(stderr)
    ? `there is no rsync on ${destination}; install it there`
    : explainSsh(destination, { code: 255, stderr });
  throw new HostError(`--sync: ${why}`);
}
