// An epoch in which rank `lost` is killed with its third batch in its hands: `lose.mts MODE PATTERN LOST`. Each rank prints what it
// has had, and how it ended.
import { writeSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { MPI, openDataset } from "tsmpi";
import type { OpenDatasetOptions } from "tsmpi";

const { rank } = MPI.COMM_WORLD;
const [mode, pattern, lost] = process.argv.slice(2) as [
  NonNullable<OpenDatasetOptions["mode"]>,
  ...[string, string],
];
const print = (line: object) =>
  writeSync(1, `${JSON.stringify({ rank, ...line })}\n`);
const dataset = (await openDataset(pattern, { mode }))
  .map(({ id }) => id as number)
  .batch(2);
let batches = 0;
try {
  for await (const { values } of dataset) {
    await setTimeout(20);
    if (rank === Number(lost) && ++batches === 3)
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
