import { setTimeout } from "node:timers/promises";
import { attempt, type CommandEnd, run } from "../commands.ts";
import type { Daemon } from "./daemon.ts";
import type { ComposeCommand } from "./tools.ts";

const BUILD_MS = 400_000;
const JOB_MS = 240_000;

/** The repository's docker-compose.yml, under a name of its own. */
export class Project {
  readonly #env: Readonly<Record<string, string>>;

  constructor(
    daemon: Daemon,
    private readonly command: ComposeCommand,
    readonly name: string,
  ) {
    this.#env = {
      ...daemon.env,
      COMPOSE_PROJECT_NAME: name,
      // Where there is no BuildKit the builder is the classic one.
      COMPOSE_DOCKER_CLI_BUILD: "0",
      DOCKER_BUILDKIT: "0",
    };
  }

  /** @throws {Error} it fails */
  async compose(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const [program, ...words] = this.command;
    return run(program, [...words, ...args], {
      timeoutMs: args.includes("build") ? BUILD_MS : JOB_MS,
      env: { ...this.#env, ...env },
    });
  }

  /** In the foreground, with the coordinator's exit code. */
  up(
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<CommandEnd> {
    const [program, ...words] = this.command;
    return attempt(
      program,
      [...words, "up", ...args, "--exit-code-from", "coordinator"],
      { timeoutMs: JOB_MS, env: { ...this.#env, ...env } },
    );
  }

  docker(args: readonly string[]): Promise<string> {
    return run("docker", args, { env: this.#env, timeoutMs: JOB_MS });
  }

  /** Its container, running or ended. */
  async coordinator(): Promise<string> {
    const ids = await this.#ids("coordinator", ["--all"]);
    if (ids.length === 1) return ids[0]!;
    throw new Error(`there are ${ids.length} coordinators`);
  }

  /** @throws {Error} the container ends, or takes too long, before it says so */
  async untilLogged(
    id: string,
    { since, text }: { readonly since: string; readonly text: string },
  ): Promise<void> {
    const deadline = performance.now() + JOB_MS;
    for (;;) {
      const log = await this.docker(["logs", "--since", since, id]);
      if (log.includes(text)) return;
      const isRunning = (await this.#ids("coordinator", [])).includes(id);
      if (!isRunning || performance.now() > deadline)
        throw new Error(`"${text}" has not come: ${log.slice(-500)}`);
      await setTimeout(500);
    }
  }

  /** Ids of the service's containers that run. */
  running(service: string): Promise<readonly string[]> {
    return this.#ids(service, []);
  }

  async #ids(
    service: string,
    args: readonly string[],
  ): Promise<readonly string[]> {
    const text = await this.docker([
      ...["ps", "--quiet", "--no-trunc", ...args],
      ...["--filter", `label=com.docker.compose.project=${this.name}`],
      ...["--filter", `label=com.docker.compose.service=${service}`],
    ]);
    return text.split("\n").filter((id) => id !== "");
  }

  /** What the project has left: containers, volumes, networks. */
  async leftovers(): Promise<readonly string[]> {
    const label = `label=com.docker.compose.project=${this.name}`;
    const lists = await Promise.all(
      [
        ["ps", "--all"],
        ["volume", "ls"],
        ["network", "ls"],
      ].map((words) => this.docker([...words, "--quiet", "--filter", label])),
    );
    return lists.flatMap((text) => text.split("\n").filter(Boolean));
  }
}
