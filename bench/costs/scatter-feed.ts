// The mode `scatter`: rank 0 reads a file, and all ranks are sent their shares, which they do not decode.
//
//     tsrun -n 3 bench/costs/scatter-feed.ts FILE
import { MPI } from "tsmpi";
import { openCatalogue } from "../../packages/data/dist/index.js";
import { MODES } from "../../packages/train/dist/index.js";

const comm = MPI.COMM_WORLD;
const [path] = process.argv.slice(2);
const catalogue = await openCatalogue(path!);
const feed = MODES.get("scatter")!.feed({
  ...{
    number: 0,
    rank: comm.rank,
    size: comm.size,
    catalogue,
    indexes: [],
    counts: [null],
  },
  ...{ partition: { by: "block" }, remainder: "uneven" },
});
const seen = {};
/** The first one finds everything cold. */
for (let epoch = 0; epoch < 2; epoch++) {
  comm.barrier();
  const startMs = performance.now();
  let bytes = 0;
  const plan = { epoch, seed: 0, isShuffled: false, seen, waits: true };
  for await (const part of feed.epoch(plan))
    if (!("split" in part)) bytes += part.records.bytes.length;
  const all = comm.allreduce(bytes);
  const seconds = (performance.now() - startMs) / 1_000;
  if (comm.rank === 0 && epoch === 1)
    console.log(JSON.stringify({ bytesPerSecond: all / seconds }));
}
