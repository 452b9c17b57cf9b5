/** What the processes that share a piece of work have of each other. */
export interface Team {
  readonly rank: number;
  readonly size: number;
  /** What each has, in rank order, on all. All call it. */
  allgather<T>(value: T): T[];
  /** Tells how far this one is, as often as it likes. @throws the user has interrupted the work */
  progress(progress: Progress): void;
  /** A line for people. */
  warn(text: string): void;
}

/** How far one of them is. */
export interface Progress {
  /** What is being done, in a word or two: `reading`. */
  readonly stage: string;
  /** By this one; what counts is `unit`. */
  readonly done: number;
  /** By all of them together. */
  readonly total: number;
  readonly unit: "records" | "bytes";
}

/** One process, whose team it is. */
export const teamOfOne = ({
  progress,
  warn,
}: Pick<Team, "progress" | "warn">): Team => ({
  ...{ rank: 0, size: 1, progress, warn },
  allgather: (value) => [value],
});
