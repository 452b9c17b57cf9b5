import { sayOptionsAs } from "@tsmpi/data";
import { MPI } from "@tsmpi/worker";
import { formatNews } from "./news";
import { optionAsFlag } from "./option-flags";
import { SUBCOMMANDS } from "./subcommands";
import type { DataCommands, Work } from "./data-command";
import type { Progress, Team } from "./team";

/** Of news that change all the time. */
const TELL_EVERY_MS = 200;

/** The program of each rank of `tsrun data NAME -n 4`. */
export async function workInRank(
  name: keyof typeof SUBCOMMANDS,
  task: unknown,
): Promise<unknown> {
  sayOptionsAs(optionAsFlag);
  const { work } = await (SUBCOMMANDS as DataCommands)[name]!();
  return (work as Work<unknown, unknown>)(task, teamOfRanks());
}

function teamOfRanks(): Team {
  const world = MPI.COMM_WORLD;
  let toldMs = -Infinity;
  let last: Progress | null = null;
  return {
    rank: world.rank,
    size: world.size,
    allgather: (value) => world.allgather(value),
    progress(progress) {
      const nowMs = performance.now();
      const isNew = last?.stage !== progress.stage;
      if (!isNew && nowMs - toldMs < TELL_EVERY_MS) return;
      [toldMs, last] = [nowMs, progress];
      process.stdout.write(formatNews(progress));
    },
    warn: (text) => void process.stderr.write(`${text}\n`),
  };
}
