// The mode `scatter`: rank 0 reads a file, and all ranks are sent their shares, which they do not decode. The median of
// several epochs, of which the first finds everything cold and does not count.
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
const EPOCHS = 8;
const speeds: number[] = [];
for (let epoch = 0; epoch < EPOCHS; epoch++) {
  comm.barrier();
  const startMs = performance.now();
  let bytes = 0;
  const plan = { epoch, seed: 0, isShuffled: false, seen, waits: true };
  for await (const part of feed.epoch(plan))
    if (!("split" in part)) bytes += part.records.bytes.length;
  const all = comm.allreduce(bytes);
  speeds.push((1_000 * all) / (performance.now() - startMs));
}
const [, ...warm] = speeds;
warm.sort((a, b) => a - b);
if (comm.rank === 0)
  console.log(JSON.stringify({ bytesPerSecond: warm[warm.length >> 1] }));
