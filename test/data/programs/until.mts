// Batches of a dataset until the `stop`-th, where the place is kept and all ranks are killed; then on from there:
// `until.mts OPTIONS PATTERN FILE STOP`. The root prints what all ranks have had.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { jointPosition, MPI, openDataset } from "tsmpi";
import type { OpenDatasetOptions } from "tsmpi";

const comm = MPI.COMM_WORLD;
const [own, pattern, file, stop] = process.argv.slice(2) as [
  ...[string, string, string, string],
];
const position = existsSync(file)
  ? (JSON.parse(readFileSync(file, "utf8")) as ReturnType<typeof jointPosition>)
  : undefined;
// The ranks make collective calls between their batches.
const options: OpenDatasetOptions = {
  ...(JSON.parse(own) as OpenDatasetOptions),
  ...{ seed: 3, position, waitAtEnd: false },
};
const dataset = (await openDataset(pattern, options))
  .map(({ id }) => id as number)
  .shuffle(7)
  .batch(3)
  .prefetch(2);
const had: number[] = [];
const print = () => {
  const ids = comm.gather(had);
  if (comm.rank === 0) console.log(JSON.stringify(ids));
};
let batches = 0;
for await (const { values } of dataset) {
  had.push(...values);
  if (++batches !== Number(stop)) continue;
  const place = jointPosition(dataset);
  if (comm.rank === 0) writeFileSync(file, JSON.stringify(place));
  print();
  comm.barrier();
  process.kill(process.pid, "SIGKILL");
}
print();
