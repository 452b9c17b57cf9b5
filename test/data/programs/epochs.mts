// Two epochs over each dataset, with each of some options: `epochs.mts OPTIONS PATTERN…`. The root prints a line an epoch.
import { epochSummary, MPI, openDataset } from "tsmpi";
import type { OpenDatasetOptions } from "tsmpi";

const comm = MPI.COMM_WORLD;
const [options, ...patterns] = process.argv.slice(2);
for (const own of JSON.parse(options!) as OpenDatasetOptions[])
  for (const pattern of patterns) {
    const dataset = await openDataset(pattern, own);
    for (let epoch = 0; epoch < 2; epoch++) {
      const had: number[] = [];
      for await (const { id } of dataset.shuffle(10)) had.push(id as number);
      const { isExact, checksum } = await epochSummary(dataset);
      const ids = comm.gather(had);
      if (comm.rank === 0)
        console.log(
          JSON.stringify({ ...own, pattern, epoch, ids, isExact, checksum }),
        );
    }
  }
