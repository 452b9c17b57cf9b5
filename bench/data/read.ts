// Reads a TFRecord file of bench/data/files.ts as a rank does: bytes, checksums, examples. A line of JSON for each way:
//
//     node --import tsx bench/data/read.ts small.tfrecord
//
// `records`: all features, one record after the other; `features`: with the option of that name; `batches`: those, 256 together, to
// keep; `batches, lent`: each until the next one is asked for.
import { basename } from "node:path";
// A program that trains has it. The larger its heap, the more memory beside it V8 lets go by before it collects all garbage.
import "@tensorflow/tfjs";
import {
  type Column,
  type FeatureSpecs,
  FORMATS,
  openLocalDataset,
  openSource,
  ReadMemory,
  recordDecoder,
} from "@tsmpi/data";

const FEATURES: Readonly<Record<string, FeatureSpecs>> = {
  small: {
    id: { dtype: "int32", shape: [] },
    x: { dtype: "float32", shape: [4] },
    name: { dtype: "string", shape: [] },
  },
  images: {
    image: { dtype: "float32", shape: [784] },
    label: { dtype: "int32", shape: [] },
  },
};
const PASSES = 4;
const BATCH_SIZE = 256;

const path = process.argv[2]!;
const features = FEATURES[basename(path, ".tfrecord")]!;
const format = FORMATS.get("tfrecord")!;

async function readRecords(options: { features?: FeatureSpecs }) {
  const memory = new ReadMemory({ from: format.pieceMemory!() });
  const source = await openSource(path, memory);
  const schema = await format.schema(source, options);
  const decode = await recordDecoder(format, schema);
  let count = 0;
  for await (const records of format.read(source, schema))
    for (let i = 0; i < records.starts.length; i++)
      if (Object.keys(decode(records, i, path)).length > 0) count++;
  memory.close();
  return count;
}

const dataset = await openLocalDataset(path, { features });

async function readBatches(options: { lend?: boolean }) {
  let count = 0;
  for await (const batch of dataset.batch(BATCH_SIZE, options))
    count += (Object.values(batch)[0] as unknown as Column).shape[0]!;
  return count;
}

const WAYS = {
  records: () => readRecords({}),
  features: () => readRecords({ features }),
  batches: () => readBatches({}),
  "batches, lent": () => readBatches({ lend: true }),
};

for (const [way, read] of Object.entries(WAYS)) {
  let best = Infinity;
  let count = 0;
  for (let pass = 0; pass < PASSES; pass++) {
    const startMs = performance.now();
    count = await read();
    best = Math.min(best, performance.now() - startMs);
  }
  console.log(JSON.stringify({ way, perS: (count / best) * 1e3 }));
}
