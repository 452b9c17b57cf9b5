// Reads a dataset once, and says how many records there were, whether each was read once, and how much memory this took.
import { epochSummary, openDataset, type OpenDatasetOptions } from "tsmpi";

const [pattern, mode] = [process.argv[2]!, process.argv[3]];
const dataset = await openDataset(pattern, {
  mode: mode as OpenDatasetOptions["mode"],
  features: {
    image: { dtype: "float32", shape: [784] },
    label: { dtype: "int32", shape: [] },
  },
});
const batches = dataset.shuffle(1000).batch(64).prefetch(2);
let own = 0;
for await (const { label } of batches)
  own += (label as { readonly shape: readonly number[] }).shape[0]!;
const { isExact, records, checksum } = await epochSummary(batches);
const { maxRSS } = process.resourceUsage();
console.log(
  JSON.stringify({ own, isExact, records, checksum, maxRssMB: maxRSS / 1e3 }),
);
