// Scatter, process, gather: four ranks tokenise a text into TFRecord shards:  npx tsrun -n 4 examples/prepare-corpus.ts --text FILE
// Options: --out DIR (corpus) --shards 8 --words 10000 (of the vocabulary). A record is a tf.train.Example with the fields of
// PretrainData in pretrain-data.proto. As the message itself, which other programs read with that file:
//   npx tsrun data convert corpus corpus.pb --features 'id=int32,text=string,features=float32[-1]' --proto examples/pretrain-data.proto
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { MPI, writeRecords } from "tsmpi";

const { values: options } = parseArgs({
  options: {
    text: { type: "string" },
    out: { type: "string", default: "corpus" },
    shards: { type: "string", default: "8" },
    words: { type: "string", default: "10000" },
  },
});
if (options.text === undefined) throw new Error("--text FILE is missing");
const shards = Number(options.shards);

interface Part {
  readonly shard: number;
  /** Number of its first document in the corpus. */
  readonly first: number;
  readonly documents: readonly string[];
}

const comm = MPI.COMM_WORLD;
const parts = comm.scatter(comm.rank === 0 ? partsOf(options.text) : null, 0);

// The words of the corpus, by all ranks together; each word's number is its place among the most frequent ones, from 1.
const counts = new Map<string, number>();
for (const { documents } of parts)
  for (const word of documents.flatMap(wordsOf))
    counts.set(word, (counts.get(word) ?? 0) + 1);
const gathered = comm.gather([...counts], 0);
const vocabulary = comm.bcast(
  gathered && mostFrequent(gathered.flat(), Number(options.words)),
  0,
)!;
const numbers = new Map(vocabulary.map((word, i) => [word, i + 1]));

mkdirSync(options.out, { recursive: true });
const statistics = { documents: 0, tokens: 0, unknown: 0, longest: 0 };
for (const part of parts) {
  const five = (number: number) => String(number).padStart(5, "0");
  const name = `corpus-${five(part.shard)}-of-${five(shards)}.tfrecord`;
  await writeRecords(join(options.out, name), recordsOf(part));
}

const all = comm.gather(statistics, 0);
if (all !== null) {
  all.forEach(({ documents, tokens }, rank) =>
    console.log(`rank ${rank}: ${documents} documents, ${tokens} tokens`),
  );
  const sum = (of: (one: typeof statistics) => number) =>
    all.reduce((total, one) => total + of(one), 0);
  const longest = Math.max(...all.map(({ longest }) => longest));
  console.log(
    `${sum(({ documents }) => documents)} documents in ${shards} shards, ${sum(({ tokens }) => tokens)} tokens, ` +
      `${vocabulary.length} words, ${sum(({ unknown }) => unknown)} tokens unknown, the longest document has ${longest}`,
  );
}

/** Consecutive documents for each shard, consecutive shards for each rank. A document is what stands between empty lines. */
function partsOf(file: string): Part[][] {
  const documents = readFileSync(file, "utf8")
    .split(/\n\s*\n/)
    .map((text) => text.trim())
    .filter((text) => text !== "");
  const start = (part: number, all: number, of: number) =>
    Math.floor((part * all) / of);
  return Array.from({ length: comm.size }, (_, rank) => {
    const from = start(rank, shards, comm.size);
    const to = start(rank + 1, shards, comm.size);
    return Array.from({ length: to - from }, (_, i): Part => {
      const shard = from + i;
      const first = start(shard, documents.length, shards);
      const end = start(shard + 1, documents.length, shards);
      return { shard, first, documents: documents.slice(first, end) };
    });
  });
}

/** PretrainData: the numbers of a document's words are its features; 0 is a word that is not in the vocabulary. */
function* recordsOf({ first, documents }: Part) {
  for (const [i, text] of documents.entries()) {
    const words = wordsOf(text);
    const features = Float32Array.from(words, (word) => numbers.get(word) ?? 0);
    statistics.documents++;
    statistics.tokens += features.length;
    statistics.unknown += features.filter((number) => number === 0).length;
    statistics.longest = Math.max(statistics.longest, features.length);
    yield { id: first + i, text, features };
  }
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? [];
}

function mostFrequent(
  counts: readonly (readonly [word: string, count: number])[],
  most: number,
): string[] {
  const sums = new Map<string, number>();
  for (const [word, count] of counts)
    sums.set(word, (sums.get(word) ?? 0) + count);
  return [...sums]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([word]) => word);
}
