import type { Readable, Writable } from "node:stream";
import type { StreamName } from "../surroundings";

/** Where processes of ranks run: this host, or one at the other end of a channel. The job does not know which. */
export interface Host {
  /** Returns at once; what becomes of the process is told to `on`, in order, after this has returned. */
  start(order: StartOrder, on: ProcessListener): RankProcess;
  /** The launcher is about to be stopped, for as long as its user likes: its ranks here go on. */
  suspend(): void;
  /** Nothing is started any more; what still runs is ended. Resolves when nothing of ours is left open. */
  close(): Promise<void>;
}

/** One process to be. */
export interface StartOrder {
  readonly rank: number;
  /** The command and its arguments, as for exec; where it names our own Node, the host takes its own. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** On this host the whole environment; on another one what is set on top of its own. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readsStdin: boolean;
  /** Hears from the launcher which other ranks have ended. */
  readonly hearsNews: boolean;
}

/** A process of a rank, from its start order on: signals and news that come early wait for it. */
export interface RankProcess {
  readonly output: Readonly<Record<StreamName, Readable>>;
  /** Lines of `StatusMessage`. */
  readonly status: Readable;
  /** Takes lines of `LauncherNews`; null unless it hears news. */
  readonly news: Writable | null;
  /** To its whole process group; silent where none is left. */
  signal(signal: NodeJS.Signals): void;
}

/** What becomes of a process: `started`, then `ended` or `lost`; or `notStarted` alone. */
export interface ProcessListener {
  started(pid: number): void;
  notStarted(why: string): void;
  ended(end: ProcessEnd): void;
  /** Nobody knows: its host does not answer any more. */
  lost(why: string): void;
}

/** One of the two is null. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What a process writes. */
export type OutputName = StreamName | "status";
