// Measures what a call costs beyond the bare transport, whether time grows with bytes, what ranks that outnumber cores cost, and
// what encryption does:
//
//     npm run bench:costs -- [ROUNDS, default 3] [overhead,linear,crowded,encryption]
import { run, TSRUN } from "../peers/commands.ts";
import { aligned } from "../peers/files.ts";
import {
  median,
  millisecondsText,
  ratioText,
  spread,
} from "../peers/ratios.ts";
import { sizeText } from "../peers/size-text.ts";
import { table } from "../peers/tables.ts";
import { verdict } from "../peers/verdict.ts";
import { encryption } from "./encryption.ts";

const ALLREDUCE = "bench/peers/allreduce.ts";
/** Two buffers of 1 GiB and what is beside them have room in it. */
const ARENA = ["-x", "TSMPI_ARENA_BYTES=1879048192"];
const SIZES = [2 ** 24, 2 ** 26, 2 ** 28, 2 ** 30];
/** Small ones more often: engines compile a loop only after some hundred turns. */
const LINEAR_RUNS = ["40:21", "8:9", "3:5", "2:3"];
const CROWD_RUNS = ["4:500:201", `${2 ** 20}:20:51`, "25000000:2:9"];
const CROWD_SIZES = [4, 2 ** 20, 25e6];
const WAYS = ["shm", "tcp"].flatMap((transport) =>
  ["arena", "ordinary"].map((buffers) => ({ transport, buffers })),
);

interface Line {
  readonly buffers: string;
  readonly bytes: number;
  readonly medianMs: number;
}

const lines = async <T>(...args: readonly string[]): Promise<T[]> =>
  (await run([...TSRUN, ...args]))
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as T);

async function overhead(rounds: number): Promise<string> {
  const rows: string[][] = [];
  for (const [transport, limit] of [
    ["shm", 20],
    ["tcp", 60],
  ] as const) {
    const all: { bareUs: number; callUs: number }[] = [];
    for (let round = 0; round < rounds; round++)
      all.push(
        ...(await lines<(typeof all)[number]>(
          ...["-n", "2", "--transport", transport, "bench/costs/overhead.ts"],
        )),
      );
    const beyond = all.map(({ bareUs, callUs }) => callUs - bareUs);
    rows.push([
      transport,
      spread(
        all.map(({ bareUs }) => bareUs),
        ratioText,
      ),
      spread(
        all.map(({ callUs }) => callUs),
        ratioText,
      ),
      `${spread(beyond, ratioText)}; ${verdict(beyond, { limit }, "lower")}`,
    ]);
  }
  return table(["4 B, 2 ranks, µs", "bare", "all-reduce", "overhead"], rows);
}

/** Times of every round, by way and size. */
async function timesOf(
  rounds: number,
  args: (transport: string) => readonly string[],
): Promise<(way: (typeof WAYS)[number], bytes: number) => number[]> {
  const all: (Line & { transport: string })[] = [];
  for (let round = 0; round < rounds; round++)
    for (const transport of ["shm", "tcp"])
      for (const line of await lines<Line>(...args(transport)))
        all.push({ ...line, transport });
  return ({ transport, buffers }, bytes) =>
    all
      .filter(
        (one) =>
          one.transport === transport &&
          one.buffers === buffers &&
          one.bytes === bytes,
      )
      .map(({ medianMs }) => medianMs);
}

async function linear(rounds: number): Promise<string> {
  const times = await timesOf(rounds, (transport) => [
    ...["-n", "2", "--transport", transport, ...ARENA, ALLREDUCE],
    ...[
      "arena,ordinary",
      ...SIZES.map((bytes, i) => `${bytes}:${LINEAR_RUNS[i]}`),
    ],
  ]);
  const perGiB = (ms: number, bytes: number): number => (ms * 2 ** 30) / bytes;
  return table(
    ["ms a GiB, 2 ranks", ...SIZES.map(sizeText), "greatest ÷ least"],
    WAYS.map((way) => {
      const costs = SIZES.map((bytes) =>
        median(times(way, bytes).map((ms) => perGiB(ms, bytes))),
      );
      const ratio = Math.max(...costs) / Math.min(...costs);
      return [
        `${way.transport}, ${way.buffers}`,
        ...costs.map(millisecondsText),
        `${ratioText(ratio)}; ${verdict([ratio], { limit: 1.3 }, "lower")}`,
      ];
    }),
  );
}

async function crowded(rounds: number): Promise<string> {
  const of = (ranks: number) =>
    timesOf(rounds, (transport) => [
      ...["-n", String(ranks), "--transport", transport],
      ...[ALLREDUCE, "arena,ordinary", ...CROWD_RUNS],
    ]);
  const [four, eight] = [await of(4), await of(8)];
  return table(
    ["8 ranks ÷ 4 ranks", ...CROWD_SIZES.map(sizeText)],
    WAYS.map((way) => [
      `${way.transport}, ${way.buffers}`,
      ...CROWD_SIZES.map((bytes) => {
        const [few, many] = [
          median(four(way, bytes)),
          median(eight(way, bytes)),
        ];
        const said = verdict([many / few], { limit: 2.5 }, "lower");
        return `${millisecondsText(many)} ÷ ${millisecondsText(few)} ms = ${ratioText(many / few)}; ${said}`;
      }),
    ]),
  );
}

const MEASURES = { overhead, linear, crowded, encryption };

const [rounds = "3", names = Object.keys(MEASURES).join(",")] =
  process.argv.slice(2);
for (const [name, measure] of Object.entries(MEASURES))
  if (names.split(",").includes(name))
    process.stdout.write(`${await aligned(await measure(Number(rounds)))}\n`);
