import { join } from "node:path";
import { runRanks } from "../run-ranks";
import type { Work } from "./data-command";
import { parseNews } from "./news";
import { showProgress } from "./progress-bar";
import { teamOfOne } from "./team";

export interface ShareOptions<Task, Part> {
  /** Of the subcommand. */
  readonly name: string;
  readonly work: Work<Task, Part>;
  readonly task: Task;
  /** null: this process does it. */
  readonly ranks: number | null;
  readonly signal: AbortSignal;
}

/**
 * Has a piece of work done by this process, or by the ranks of a job, and shows how far it is.
 *
 * @returns what each made of it, in rank order
 * @throws {TsmpiError} what the first of them threw; it names the rank
 * @throws the signal's reason
 */
export async function shareWork<Task, Part>({
  name,
  work,
  task,
  ranks,
  signal,
}: ShareOptions<Task, Part>): Promise<Part[]> {
  const bar = showProgress();
  const warn = (text: string): void => {
    bar.close();
    process.stderr.write(text);
  };
  try {
    if (ranks === null) {
      const team = teamOfOne({
        progress(progress) {
          signal.throwIfAborted();
          bar.show(0, progress);
        },
        warn: (text) => warn(`${text}\n`),
      });
      return [await work(task, team)];
    }
    return await runRanks<Part>(
      ranks,
      join(__dirname, "rank-work.js"),
      "workInRank",
      [name, task],
      {
        signal,
        onOutput(rank, stream, text) {
          const { progress, rest } = parseNews(text);
          for (const one of progress) bar.show(rank, one);
          if (rest !== "") warn(rest);
        },
      },
    );
  } finally {
    bar.close();
  }
}
