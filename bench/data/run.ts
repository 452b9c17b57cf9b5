// Reading TFRecord beside Python's tf.data, in turns, of files in the page cache; each run's best of four passes:
//
//     npm run bench:data -- [ROUNDS, default 5] [PYTHON with TensorFlow, default python3]
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../peers/commands.ts";
import { aligned } from "../peers/files.ts";
import { ratios, ratioText, spread, wholeText } from "../peers/ratios.ts";
import { table } from "../peers/tables.ts";
import { verdict } from "../peers/verdict.ts";
import { FILES, writeFiles } from "./files.ts";

const OURS = ["records", "features", "batches", "batches, lent"];
/** Of the slower one of the ways that give records. */
const LEAST = {
  small: { limit: 150_000, unit: "examples/s" },
  images: { limit: 300, unit: "MB/s" },
} as const;

/** Other benchmarks give each program one thread; tf.data takes what there is. */
const ALL_THREADS = [
  ...["env", "-u", "OMP_NUM_THREADS", "-u", "TF_NUM_INTRAOP_THREADS"],
];

const [rounds = "5", python = "python3"] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), "tsmpi-bench-data-"));
try {
  await writeFiles(folder);
  const perS: Record<string, number[]> = {};
  const measure = async (file: string, command: readonly string[]) => {
    const text = await run([...command, join(folder, `${file}.tfrecord`)]);
    for (const line of text.split("\n").filter((one) => one.startsWith("{"))) {
      const { way, perS: value } = JSON.parse(line) as {
        readonly way: string;
        readonly perS: number;
      };
      (perS[`${file} ${way}`] ??= []).push(value);
    }
  };
  for (let round = 0; round < Number(rounds); round++)
    for (const { name } of FILES) {
      await measure(name, ["node", "--import", "tsx", "bench/data/read.ts"]);
      await measure(name, [...ALL_THREADS, python, "bench/data/read_tf.py"]);
    }
  const rows: string[][] = [];
  for (const { name, count } of FILES) {
    const { size } = await stat(join(folder, `${name}.tfrecord`));
    const { limit, unit } = LEAST[name as keyof typeof LEAST];
    const bytesPerExample = size / count;
    const inUnit = (value: number) =>
      unit === "MB/s" ? (value * bytesPerExample) / 1e6 : value;
    const peers = perS[`${name} tf.data`] ?? [];
    for (const way of OURS) {
      const own = perS[`${name} ${way}`] ?? [];
      const ratio = ratios(own, peers);
      rows.push([
        `${name}, ${wholeText(bytesPerExample)} B, ${way}`,
        `${spread(own.map(inUnit), wholeText)} ${unit}; ${verdict(own.map(inUnit), { limit }, "higher")}`,
        `${spread(peers.map(inUnit), wholeText)}`,
        `${spread(ratio, ratioText)}; ${verdict(ratio, { limit: 1 }, "higher")}`,
      ]);
    }
  }
  const head = ["TFRecord", "tsmpi, one rank", "tf.data", "ours ÷ tf.data's"];
  process.stdout.write(`${await aligned(table(head, rows))}\n`);
} finally {
  await rm(folder, { recursive: true });
}
