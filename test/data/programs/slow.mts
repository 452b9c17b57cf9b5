// An epoch in which rank 0 needs three times as long for a record as the others: `slow.mts PATTERN`. Each rank prints how many it
// had, and when it ended.
import { setTimeout } from "node:timers/promises";
import { MPI, openDataset } from "tsmpi";

const comm = MPI.COMM_WORLD;
const { rank } = comm;
const dataset = await openDataset(process.argv[2]!, { mode: "dynamic" });
comm.barrier();
let records = 0;
for await (const _ of dataset) {
  records++;
  await setTimeout(rank === 0 ? 15 : 5);
}
const endMs = performance.timeOrigin + performance.now();
console.log(JSON.stringify({ rank, records, endMs }));
