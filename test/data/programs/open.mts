// `open.mts PATTERN_OF_RANK_0 PATTERN_OF_OTHERS MODE`: each rank prints the error that it gets.
import { MPI, openDataset } from "tsmpi";
import type { OpenDatasetOptions } from "tsmpi";

const { rank } = MPI.COMM_WORLD;
const [own, others, mode, folder] = process.argv.slice(2) as [
  string,
  string,
  NonNullable<OpenDatasetOptions["mode"]>,
  string,
];
// As on machines of their own: the same names, other files.
if (folder !== undefined && rank > 0) process.chdir(folder);
try {
  await openDataset(rank === 0 ? own : others, { mode });
  console.log(JSON.stringify({ rank, message: "opened" }));
} catch (error) {
  const { code, message } = error as Error & { code: string };
  console.log(JSON.stringify({ rank, code, message }));
}
