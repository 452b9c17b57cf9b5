// `open.mts PATTERN_OF_RANK_0 PATTERN_OF_OTHERS OPTIONS`: each rank prints the error that it gets from opening, or from an epoch.
import { MPI, openDataset } from "tsmpi";
import type { OpenDatasetOptions } from "tsmpi";

const { rank } = MPI.COMM_WORLD;
const [own, others, options, folder] = process.argv.slice(2) as [
  ...[string, string, string, string],
];
// As on machines of their own: the same names, other files.
if (folder !== undefined && rank > 0) process.chdir(folder);
try {
  const pattern = rank === 0 ? own : others;
  const opened = JSON.parse(options) as OpenDatasetOptions;
  for await (const _ of await openDataset(pattern, opened));
  console.log(JSON.stringify({ rank, message: "opened" }));
} catch (error) {
  const { code, message } = error as Error & { code: string };
  console.log(JSON.stringify({ rank, code, message }));
}
