// One rank leaves an epoch with its first record, and all ask what became of it: `break.mts MODE PATTERN background|here`. Each prints how
// many records it took, and what is said of the epoch.
import { epochSummary, MPI, openDataset, type OpenDatasetOptions } from "tsmpi";

const { rank } = MPI.COMM_WORLD;
const [mode, pattern, where] = process.argv.slice(2) as [
  NonNullable<OpenDatasetOptions["mode"]>,
  ...[string, string],
];
const dataset = await openDataset(pattern, { mode, seed: 1 });
const items = dataset
  .select({ id: "id" })
  .prefetch(3, { background: where === "background" });
let taken = 0;
for await (const _ of items) {
  taken++;
  if (rank === 1) break;
}
const { isExact, text } = await epochSummary(dataset);
console.log(JSON.stringify({ rank, taken, isExact, text }));
