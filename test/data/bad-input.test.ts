import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { FORMATS } from "@tsmpi/data";
import { launch, start } from "../support/launch";
import { dataFolder, LINES, ROWS } from "./tsrun-data";

const { data, folder, path } = dataFolder();
let whole: Buffer;
beforeAll(async () => {
  writeFileSync(path("rows.jsonl"), LINES.join("\n") + "\n");
  await data("convert", "rows.jsonl", "rows.tfrecord");
  whole = readFileSync(path("rows.tfrecord"));
});

/** Where record `number` of a TFRecord file begins: each is a length of 8 bytes, 4 bytes, that many bytes, and 4 bytes. */
function offsetOf(number: number): number {
  let at = 0;
  for (let i = 0; i < number; i++) at += Number(whole.readBigUInt64LE(at)) + 16;
  return at;
}

/** Of all formats that are written. */
const WRITTEN = [...FORMATS.values()]
  .filter(({ writing }) => writing !== undefined)
  .map(({ name }) => name);

/** Records that a format holds, where it does not hold those of `rows.jsonl`. */
const RECORDS: Readonly<Record<string, (i: number) => object>> = {
  npy: (i) => ({ x: i }),
  npz: (i) => ({ x: i, y: -i }),
  text: (i) => ({ text: `line ${i}` }),
  tokens: (i) => ({ tokens: [i, i, i, i, i, i] }),
};

/** What can be converted to a format: the name of a file of so many records. */
function inputOf(format: string, records: number): string {
  const input = `${format}-${records}.jsonl`;
  const lineOf = (i: number) =>
    RECORDS[format] ? JSON.stringify(RECORDS[format](i)) : LINES[i % ROWS]!;
  writeFileSync(
    path(input),
    Array.from({ length: records }, (_, i) => lineOf(i)).join("\n"),
  );
  writeFileSync(
    path("row.proto"),
    'syntax = "proto3"; message Row { int32 id = 1; string name = 2; double score = 3; int32 label = 4; }',
  );
  return input;
}
const PROTO = ["--proto", "row.proto"];

const failure = async (...args: string[]) => {
  const { exitCode, stdout, stderr } = await data(...args);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr).toMatch(/^tsrun: [^\n]*\n$/);
  return stderr;
};

describe("bad input", () => {
  test("a file that was cut: its record and offset, and nothing is made of it", async () => {
    writeFileSync(path("cut.tfrecord"), whole);
    truncateSync(path("cut.tfrecord"), offsetOf(700) + 20);
    const place = `cut.tfrecord, record 700 (byte ${offsetOf(700)}): the file ends after 20 of its `;
    const { exitCode, stdout } = await data("verify", "cut.tfrecord");
    expect(exitCode).toBe(1);
    expect(stdout).toContain(place);
    expect(stdout).toContain("700 sound records in 1 file");
    for (const ranks of [[], ["-n", "2"]])
      expect(
        await failure("convert", "cut.tfrecord", "cut.csv", ...ranks),
      ).toContain(place);
    expect(existsSync(path("cut.csv"))).toBe(false);
  });

  test("flipped bits: each record and its offset; what is behind them can be had", async () => {
    const flipped = Buffer.from(whole);
    for (const record of [300, 301, 900]) flipped[offsetOf(record) + 30]! ^= 4;
    writeFileSync(path("flip.tfrecord"), flipped);
    for (const ranks of [[], ["-n", "2"]]) {
      const { exitCode, stdout } = await data(
        ...["verify", "flip.tfrecord", ...ranks],
      );
      expect(exitCode).toBe(1);
      for (const record of [300, 301, 900])
        expect(stdout).toContain(
          `flip.tfrecord, record ${record} (byte ${offsetOf(record) + 12}): the checksum of its `,
        );
      expect(stdout).toContain("997 sound records in 1 file");
      expect(
        await failure("convert", "flip.tfrecord", "no.jsonl", ...ranks),
      ).toContain(`flip.tfrecord, record 300 (byte ${offsetOf(300) + 12}): `);
      const skipped = await data(
        ...["convert", "flip.tfrecord", `flip${ranks.length}.jsonl`],
        ...["--on-bad-record", "skip", ...ranks],
      );
      expect(skipped.exitCode).toBe(0);
      expect(skipped.stdout).toContain("997 records written as jsonl");
    }
  });

  test.each([
    ["csv", 'a,b\n1,2\n"3"4,5\n6\n7,8\n', [1, 2]],
    ["csv", "a,b\n1,2\n3,\xff\n7,8\n", [1]],
    ["jsonl", '{"a":1}\n{"a":\n[2]\n\xff\n{"a":3}\n', [1, 2, 3]],
  ])(
    "lines of %s that cannot be decoded: each of them, and the others can be had",
    async (extension, content, wrong) => {
      const name = `lines.${extension}`;
      writeFileSync(path(name), Buffer.from(content, "latin1"));
      const { exitCode, stdout } = await data("verify", name);
      expect(exitCode).toBe(1);
      for (const record of wrong)
        expect(stdout).toContain(`  ${name}, record ${record} (byte `);
      expect(stdout).toContain("\n2 sound records in 1 file");
      const skipped = await data(
        ...["convert", name, "lines.tfrecord", "--on-bad-record", "skip"],
        "--force",
      );
      expect(skipped.stdout).toContain("2 records written as tfrecord");
      expect(skipped.exitCode).toBe(0);
    },
  );

  test("a quote that is not closed: where it is; verify has what comes before it", async () => {
    writeFileSync(path("quote.csv"), 'a,b\n1,2\n3,4\n5,"6\n7,8\n');
    const { exitCode, stdout } = await data("verify", "quote.csv");
    expect(exitCode).toBe(1);
    expect(stdout).toContain(
      "quote.csv, record 2 (byte 12): the file ends within a field in quotes",
    );
    expect(stdout).toContain("2 sound records in 1 file");
  });

  test("schemas that differ, and formats: which files, and where", async () => {
    writeFileSync(path("y.csv"), "a,b\n1,2\n");
    writeFileSync(path("z.csv"), "a,c\n1,2\n");
    expect(await failure("stats", "y.csv", "z.csv", "-n", "2")).toContain(
      'z.csv and y.csv cannot be one dataset, their schemas differ: in z.csv columns.1.name is "c", not "b"',
    );
    expect(await failure("stats", "y.csv", "rows.jsonl")).toContain(
      "rows.jsonl is jsonl and y.csv is csv; a dataset is of one format",
    );
  });

  test("an archive that would be compressed once more is not written, since nothing reads it", async () => {
    const input = inputOf("npz", 3);
    for (const out of [["o.npz.gz"], ["o", "--to", "npz", "--compress", "zst"]])
      expect(await failure("convert", input, ...out)).toMatch(
        /npz\.(gz|zst) would be a zip archive that is compressed once more, .*; no file has been made/,
      );
    expect(existsSync(path("o"))).toBe(false);
  });

  test("an interrupt while shards without records are made: nothing is left", async () => {
    const running = start({
      args: [
        ...["data", "convert", inputOf("jsonl", 3), "many", "--to", "jsonl"],
        ...["--shards", "99999"],
      ],
      cwd: folder,
    });
    const staged = () =>
      existsSync(path("many"))
        ? readdirSync(path("many"), { recursive: true }).length
        : 0;
    while (staged() < 100)
      await new Promise((resolve) => setTimeout(resolve, 20));
    running.process.kill("SIGINT");
    const { exitCode, stderr } = await running.done;
    expect({ exitCode, stderr }).toEqual({
      ...{ exitCode: 130, stderr: "tsrun: interrupted by SIGINT\n" },
    });
    expect(existsSync(path("many"))).toBe(false);
  });

  test("a .proto that does not match: the field and the record", async () => {
    writeFileSync(
      path("wrong.proto"),
      'syntax = "proto3"; message Wrong { string id = 1; }',
    );
    writeFileSync(
      path("right.proto"),
      'syntax = "proto3"; message Right { int32 id = 1; string name = 2; double score = 3; int32 label = 4; }',
    );
    expect(
      await failure(
        ...["convert", "rows.jsonl", "rows.pb", "--proto", "wrong.proto"],
      ),
    ).toContain(
      "rows.jsonl, record 0: field id is 0, which string cannot hold",
    );
    const right = ["--proto", "right.proto"];
    await data("convert", "rows.jsonl", "rows.pb", ...right);
    const { exitCode, stdout } = await data(
      ...["verify", "rows.pb", "--proto", "wrong.proto"],
    );
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      /rows\.pb, record 1 \(byte 18\): .*another \.proto, or another message of it, may be meant/,
    );
  });

  test.each([[[]], [["-n", "2"]]])(
    "%j: what can be done about it is told as it can be typed",
    async (ranks) => {
      writeFileSync(path("nan.jsonl"), '{"a":1}\n{"a":1e999}\n{"a":2}\n');
      expect(
        await failure("convert", "nan.jsonl", "nan.csv", ...ranks),
      ).toContain(
        "; --on-bad-record skip leaves such records out, --on-bad-record log keeps them, and --allow-non-finite takes them for good",
      );
      const zeros = Array.from({ length: 1200 }, () => "0").join("\n");
      writeFileSync(path("zip.csv"), `zip\n${zeros}\nW1\n`);
      expect(await failure("stats", "zip.csv", ...ranks)).toContain(
        "read it as text: --columns zip=text; --on-bad-record skip leaves",
      );
      const { exitCode, stdout } = await data(
        ...["stats", "zip.csv", "--columns", "zip=text", ...ranks],
      );
      expect(exitCode).toBe(0);
      expect(stdout).toContain("1,201 records");
    },
  );

  test("an unknown extension: lists the formats", async () => {
    writeFileSync(path("rows.foo"), "1");
    const stderr = await failure("inspect", "rows.foo");
    expect(stderr).toContain("what rows.foo holds cannot be told by its name");
    for (const name of FORMATS.keys()) expect(stderr).toContain(`${name} (`);
  });

  test("an empty dataset", async () => {
    writeFileSync(path("empty.jsonl"), "");
    for (const args of [["inspect"], ["stats", "-n", "2"]])
      expect(await failure(...args, "empty.jsonl")).toContain(
        "the dataset is empty: empty.jsonl has 0 bytes",
      );
    writeFileSync(path("header.csv"), "a,b\n");
    for (const args of [["inspect"], ["stats", "-n", "2"]])
      expect(await failure(...args, "header.csv")).toContain(
        "the dataset is empty: header.csv has 4 bytes and no record",
      );
    const { exitCode, stdout } = await data("verify", "header.csv");
    expect(exitCode).toBe(1);
    expect(stdout).toContain("the dataset is empty: header.csv has 4 bytes");
  });

  test.each(WRITTEN)(
    "more shards of %s than records: those without one belong to the others",
    async (name) => {
      const [out, more] = [`sparse-${name}`, name === "protobuf" ? PROTO : []];
      const dtype = name === "tokens" ? ["--window", "6"] : [];
      const { exitCode, stdout } = await data(
        ...["convert", inputOf(name, 2), out, "--to", name, "--shards", "4"],
        ...PROTO,
      );
      expect(exitCode).toBe(0);
      expect(stdout).toContain(
        "2 files without a record: there are fewer records than shards",
      );
      for (const ranks of [[], ["-n", "2"]]) {
        const verified = await data("verify", out, ...more, ...dtype, ...ranks);
        expect(verified.stdout).toMatch(
          /^2 sound records in 4 files, .*: nothing is damaged\n$/,
        );
        expect(verified.exitCode).toBe(0);
      }
      const stats = await data("stats", out, ...more, ...dtype);
      expect(stats.stdout).toContain("2 records in 4 files");
    },
  );

  test("more ranks than records: some have nothing to do", async () => {
    writeFileSync(path("two.jsonl"), LINES.slice(0, 2).join("\n"));
    const { exitCode, stdout } = await data("stats", "two.jsonl", "-n", "4");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("2 records in 1 file");
  });

  test.each([[[]], [["-n", "3"]]])(
    "%j: a disk that fills: no file under its name, nothing left behind, and it says so",
    async (ranks) => {
      const { exitCode, stderr } = await launch({
        // So many KiB a file, as a full disk would allow.
        command: ["bash", "-c", 'ulimit -f 8; exec "$@"', "bash"],
        args: [
          ...["data", "convert", "rows.jsonl", "full", "--to", "tfrecord"],
          ...["--shards", "3", ...ranks],
        ],
        cwd: folder,
      });
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(
        /^tsrun: (rank \d: )?full\/rows-0000\d-of-00003\.tfrecord cannot be written: EFBIG.*; no file has been made or changed in full\n$/,
      );
      expect(existsSync(path("full"))).toBe(false);
    },
  );

  test.each(WRITTEN)("a disk that fills while %s is written", async (name) => {
    const input = inputOf(name, 2000);
    mkdirSync(path(`full-${name}`));
    const before = `mine-00000-of-00001${FORMATS.get(name)!.extensions[0]}`;
    writeFileSync(path(`full-${name}`, before), "mine");
    const { exitCode, stderr } = await launch({
      command: ["bash", "-c", 'ulimit -f 8; exec "$@"', "bash"],
      args: [
        ...["data", "convert", input, `full-${name}`, "--to", name, "--force"],
        ...["--name", "mine", ...PROTO],
      ],
      cwd: folder,
    });
    expect(stderr).toMatch(
      /^tsrun: full-\w+\/mine-00000-of-00001\.\w+ cannot be written: EFBIG.*; no file has been made or changed in full-\w+\n$/,
    );
    expect(exitCode).toBe(1);
    expect(readdirSync(path(`full-${name}`))).toEqual([before]);
    expect(readFileSync(path(`full-${name}`, before), "utf8")).toBe("mine");
  });

  /** `tsrun data convert`, which kills itself in front of a renaming: `when` is an expression of `to`. */
  async function convertUntil(when: string, args: readonly string[]) {
    const patch = path("kill-at-rename.cjs");
    writeFileSync(
      patch,
      `const fs = require("node:fs/promises");
       const { rename } = fs;
       let renamed = 0;
       fs.rename = (from, to) => {
         if (${when}) process.kill(process.pid, "SIGKILL");
         return rename(from, to);
       };`,
    );
    const { signal } = await launch({
      args: ["data", "convert", ...args],
      cwd: folder,
      env: { NODE_OPTIONS: `--require ${patch}` },
    });
    expect(signal).toBe("SIGKILL");
  }

  test("tsrun that is killed before its files get their names: the next conversion removes what it had made", async () => {
    const args = ["rows.jsonl", "abandoned", "--to", "jsonl"];
    await convertUntil('to.endsWith("journal.json")', args);
    mkdirSync(path("abandoned", `.tsrun-data-elsewhere-1-abcdef`));
    const [own] = readdirSync(path("abandoned")).filter((name) =>
      /^\.tsrun-data-\w+-\d+-\w{6}$/.test(name),
    );
    const living = own!.replace(/-\d+-\w+$/, "-1-abcdef");
    mkdirSync(path("abandoned", living));
    expect(readdirSync(path("abandoned"))).toHaveLength(3);
    const { stderr, exitCode } = await data("convert", ...args);
    expect(exitCode).toBe(0);
    expect(stderr).toBe(
      "abandoned: an earlier conversion was killed before its files got their names; what it had made is removed\n",
    );
    // Others may be at work in theirs.
    expect(readdirSync(path("abandoned")).sort()).toEqual(
      [
        living,
        ".tsrun-data-elsewhere-1-abcdef",
        "rows-00000-of-00001.jsonl",
      ].sort(),
    );
  });

  test.each([1, 3, 4])(
    "tsrun that is killed in front of rename %i of 4: readers are told, and the next conversion puts back what was there",
    async (killAt) => {
      const out = `replaced-${killAt}`;
      const shards = ["--to", "jsonl", "--name", "t", "--shards"];
      await data("convert", "rows.jsonl", out, ...shards, "3");
      const before = readdirSync(path(out));
      writeFileSync(path("small.csv"), "a,b\n1,2\n");
      await convertUntil(
        `!to.includes(".tsrun-data-") && ++renamed === ${killAt}`,
        ["small.csv", out, ...shards, "4", "--force"],
      );
      expect(await failure("stats", out)).toMatch(
        /is one of the files that process \d+ on \S+ is replacing by others, or was when it was killed/,
      );
      const next = await data("convert", "small.csv", `${out}/other.jsonl`);
      expect(next.stderr).toContain("what was there before is back");
      expect(readdirSync(path(out))).toEqual(["other.jsonl", ...before]);
      expect((await data("stats", `${out}/t*`)).stdout).toContain(
        "1,000 records in 3 files",
      );
    },
  );

  test("a rank that is killed: the files that were there are as they were", async () => {
    mkdirSync(path("killed"));
    writeFileSync(path("killed", "big-00000-of-00001.jsonl"), "mine\n");
    const many = Array.from({ length: 400 }, () => LINES.join("\n"));
    writeFileSync(path("big.jsonl"), many.join("\n"));
    const running = start({
      args: [
        ...["data", "convert", "big.jsonl", "killed", "--to", "jsonl"],
        ...["--shards", "4", "-n", "2", "--force"],
      ],
      cwd: folder,
    });
    // Until ranks write.
    const staged = () =>
      readdirSync(path("killed"), { recursive: true, encoding: "utf8" });
    while (!staged().some((name) => name.includes(".unfinished")))
      await new Promise((resolve) => setTimeout(resolve, 20));
    process.kill(rankOf(running.process.pid!), "SIGKILL");
    const { exitCode, stderr } = await running.done;
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /was ended by SIGKILL .*; no file has been made or changed in killed\n$/,
    );
    expect(staged()).toEqual(["big-00000-of-00001.jsonl"]);
    expect(readFileSync(path("killed", staged()[0]!), "utf8")).toBe("mine\n");
  });
});

/** The process of a rank, among those that `tsrun` has started. */
function rankOf(launcher: number): number {
  const children = execFileSync(
    "ps",
    ["--ppid", `${launcher}`, "-o", "pid=,args="],
    {
      encoding: "utf8",
    },
  );
  const rank = children
    .split("\n")
    .find((line) => line.includes("rank-function"));
  return Number(rank!.trim().split(" ")[0]);
}
