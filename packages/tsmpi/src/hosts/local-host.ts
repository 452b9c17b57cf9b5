import type { ChildProcess } from "node:child_process";
import { Readable, type Writable } from "node:stream";
import { Guardian } from "../guardian";
import { signalGroup, startRank } from "../spawn";
import { NEWS_FD, STATUS_FD } from "../status-fd";
import type { Host, ProcessListener, RankProcess, StartOrder } from "./host";

/** This host. Whatever happens to this process, its ranks do not outlive it. */
export class LocalHost implements Host {
  readonly #guardian = new Guardian();
  readonly #running = new Set<number>();

  /** @param stdin what a rank reads that reads stdin: this process's own, or what comes by the pipe */
  constructor(private readonly stdin: "inherit" | "pipe" = "inherit") {}

  start(order: StartOrder, on: ProcessListener): LocalProcess {
    try {
      const child = startRank(order, this.stdin);
      child.on("error", (error) => {
        if (child.pid === undefined) on.notStarted(error.message);
      });
      const { pid } = child;
      if (pid !== undefined) this.#watch(child, pid, on);
      return new LocalProcess(child);
    } catch (error) {
      // What no process can have: arguments that are too long, or hold a NUL.
      process.nextTick(() => on.notStarted((error as Error).message));
      return new LocalProcess(null);
    }
  }

  #watch(child: ChildProcess, pid: number, on: ProcessListener): void {
    this.#guardian.watch(pid);
    this.#running.add(pid);
    process.nextTick(() => on.started(pid));
    child.on("exit", (code, signal) => {
      this.#end(pid);
      on.ended({ code, signal });
    });
  }

  /** What a rank leaves behind ends with it. */
  #end(pid: number): void {
    signalGroup(pid, "SIGKILL");
    this.#guardian.forget(pid);
    this.#running.delete(pid);
  }

  suspend(): void {}

  close(): Promise<void> {
    for (const pid of this.#running) this.#end(pid);
    this.#guardian.close();
    return Promise.resolve();
  }
}

export class LocalProcess implements RankProcess {
  readonly output;
  readonly status: Readable;
  readonly news: Writable | null;
  readonly stdin: Writable | null;
  readonly #pid: number | undefined;

  /** @param child null: it could not even be tried */
  constructor(child: ChildProcess | null) {
    const { pid, stdin = null, stdio } = child ?? {};
    this.#pid = pid;
    // One that could not be started has no pipes.
    const pipe = (fd: number) => (pid === undefined ? null : stdio?.[fd]);
    const readable = (fd: number): Readable =>
      (pipe(fd) ?? Readable.from([])) as Readable;
    this.output = { stdout: readable(1), stderr: readable(2) };
    this.status = readable(STATUS_FD);
    this.news = (pipe(NEWS_FD) ?? null) as Writable | null;
    this.stdin = stdin;
    // The rank has ended: nobody reads any more.
    this.news?.on("error", () => {});
    this.stdin?.on("error", () => {});
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#pid !== undefined) signalGroup(this.#pid, signal);
  }
}
