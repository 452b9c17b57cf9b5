// An epoch in which rank `lost` is killed with its third batch in its hands: `lose.mts MODE PATTERN LOST [odd]`. Each rank prints what
// it has had, and how it ended. `odd`: the others are left out, while the program has a batch in its hands, too.
import { writeSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { MPI, openDataset } from "tsmpi";
import type { OpenDatasetOptions } from "tsmpi";

const { rank } = MPI.COMM_WORLD;
const [mode, pattern, lost, odd] = process.argv.slice(2) as [
  NonNullable<OpenDatasetOptions["mode"]>,
  ...[string, string, string?],
];
const print = (line: object) =>
  writeSync(1, `${JSON.stringify({ rank, ...line })}\n`);
const all = (await openDataset(pattern, { mode })).map(
  ({ id }) => id as number,
);
const batches =
  odd === undefined
    ? all.batch(2)
    : all
        .filter((id) => id % 2 === 1)
        .batch(2)
        .prefetch(4);
let had = 0;
try {
  for await (const { values } of batches) {
    await setTimeout(20);
    if (rank === Number(lost) && ++had === 3)
      process.kill(process.pid, "SIGKILL");
    print({ ids: [...values] });
  }
  print({ ended: true });
} catch (error) {
  print({
    error: (error as Error).message,
    code: (error as { code: string }).code,
  });
}
