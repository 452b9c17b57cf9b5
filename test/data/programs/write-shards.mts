// Writes so many shards of so many bytes of pictures, each rank its own.
import { join } from "node:path";
import { MPI, writeRecords } from "tsmpi";

const [folder, shards, bytes] = [
  process.argv[2]!,
  ...process.argv.slice(3, 5).map(Number),
];
const { rank, size } = MPI.COMM_WORLD;
const PIXELS = 784;
/** A little less than a record has: names and lengths of features come to the pixels. */
const RECORD_BYTES = 4 * PIXELS + 48;

let written = 0;
for (let shard = rank; shard < shards!; shard += size)
  written += await writeRecords(
    join(folder, `big-${String(shard).padStart(5, "0")}.tfrecord`),
    pictures(shard * 1e6, Math.ceil(bytes! / RECORD_BYTES)),
  );
console.log(JSON.stringify({ rank, records: written }));

function* pictures(first: number, count: number) {
  const image = new Float32Array(PIXELS);
  for (let i = first; i < first + count; i++) {
    image.fill(i % 256, 0, 28);
    image[i % PIXELS] = i;
    yield { image, label: i % 10 };
  }
}
