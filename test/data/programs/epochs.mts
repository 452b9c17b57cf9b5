// Two epochs of each mode over each dataset: `epochs.mts MODES PATTERN…`. The root prints a line an epoch.
import { epochSummary, MPI, openDataset } from "tsmpi";
import type { OpenDatasetOptions } from "tsmpi";

const comm = MPI.COMM_WORLD;
const [modes, remainder, ...patterns] = process.argv.slice(2);
for (const mode of modes!.split(",") as NonNullable<
  OpenDatasetOptions["mode"]
>[])
  for (const pattern of patterns) {
    const dataset = await openDataset(pattern, {
      mode,
      remainder: remainder as "uneven",
    });
    for (let epoch = 0; epoch < 2; epoch++) {
      const own: number[] = [];
      for await (const { id } of dataset.shuffle(10)) own.push(id as number);
      const { isExact, checksum } = await epochSummary(dataset);
      const ids = comm.gather(own);
      if (comm.rank === 0)
        console.log(
          JSON.stringify({ mode, pattern, epoch, ids, isExact, checksum }),
        );
    }
  }
