import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch } from "../support/launch";
import { unless } from "../support/unless";

const GB = 1e9;
const SHARDS = 20;
/** All of it, and what else happens to be written meanwhile. */
const NEEDED = (SHARDS + 4) * GB;
/** In a heap of 1 GiB, with the arena, pieces under way, threads and Node itself. */
const MOST_MB = 1_500;
const HOUR_MS = 3_600_000;

const { bavail, bsize } = statfsSync(tmpdir());
const free = bavail * bsize;
const big = unless(
  free < NEEDED
    ? `it needs ${NEEDED / GB} GB in ${tmpdir()}, and ${(free / GB).toFixed(0)} GB are free`
    : null,
  "20 GB in a heap of 1 GB",
);

const program = (name: string) => join(__dirname, "programs", name);

let folder: string;
let records = 0;
let checksum: string;

big.suite("20 GB in a heap of 1 GB", () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tsmpi-big-"));
    const { exitCode, lines } = await launch({
      args: [
        ...["-n", "2", program("write-shards.mts")],
        ...[folder, `${SHARDS}`, `${GB}`],
      ],
      timeoutMs: HOUR_MS,
    });
    expect(exitCode).toBe(0);
    for (const line of lines)
      records += (JSON.parse(line) as { records: number }).records;
    const verified = await launch({
      args: [
        ...["data", "verify", join(folder, "*.tfrecord")],
        ...["-n", "2", "--json"],
      ],
      env: { NODE_OPTIONS: "--max-old-space-size=1024" },
      timeoutMs: HOUR_MS,
    });
    expect(verified.exitCode).toBe(0);
    const facts = JSON.parse(verified.stdout) as Record<string, number>;
    expect(facts.records).toBe(records);
    expect(facts.bytes).toBeGreaterThan(20 * GB);
    checksum = String(facts.checksum);
  }, HOUR_MS);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  big.case.each(["scatter", "assigned", "dynamic"])(
    "%s: every record once, the checksum of the files, memory bounded",
    async (mode) => {
      const { exitCode, lines, stderr, wallMs } = await launch({
        args: [
          ...["-n", "2", "-x", "NODE_OPTIONS=--max-old-space-size=1024"],
          ...[program("read-all.mts"), join(folder, "*.tfrecord"), mode],
        ],
        timeoutMs: HOUR_MS,
      });
      expect(exitCode).toBe(0);
      // In scatter rank 0 alone looks where the records of 20 GB begin: who waits for it more than 10 s says so, and why.
      expect(stderr).toMatch(
        mode === "scatter"
          ? /^(tsmpi warn \[rank 1\] bcast\(root 0\) #2 waits since \S+ s: rank 0 is computing; .*\n)?$/
          : /^$/,
      );
      const ranks = lines.map(
        (line) => JSON.parse(line) as Record<string, number>,
      );
      const peaks = ranks.map(({ maxRssMB }) => Math.round(maxRssMB!));
      console.log(
        `${mode}: ${records} records in ${(wallMs / 1000).toFixed(0)} s, at most ${peaks.join(" and ")} MB`,
      );
      expect(ranks).toHaveLength(2);
      for (const rank of ranks) {
        expect(rank).toMatchObject({ isExact: true, records, checksum });
        expect(rank.maxRssMB).toBeLessThan(MOST_MB);
      }
      expect(ranks[0]!.own! + ranks[1]!.own!).toBe(records);
    },
  );
});
