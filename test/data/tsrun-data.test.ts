import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { gunzipSync } from "node:zlib";
import { FORMATS } from "@tsmpi/data";
import { dataFolder, LINES, mixed, recordOf, ROWS } from "./tsrun-data";

const { data, path } = dataFolder();
beforeAll(() => writeFileSync(path("rows.jsonl"), LINES.join("\n") + "\n"));

const facts = async (...args: string[]) => {
  const { exitCode, stdout, stderr } = await data(...args, "--json");
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return JSON.parse(stdout) as Record<string, never>;
};

describe("tsrun data", () => {
  test.each([[[]], [["--help"]]])("%j tells of every format", async (args) => {
    const { exitCode, stdout } = await data(...args);
    expect(exitCode).toBe(0);
    for (const { name, summary } of FORMATS.values())
      expect(stdout).toMatch(
        new RegExp(
          `^  ${name} .*${summary.slice(0, 20).replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`,
          "m",
        ),
      );
    expect(stdout).toContain("CIFAR-100, binary (data_batch_1.bin ");
  });

  test.each(["inspect", "convert", "verify", "stats", "fetch"])(
    "%s --help lists its flags and shows examples",
    async (name) => {
      const { exitCode, stdout, stderr } = await data(name, "--help");
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(stdout).toContain(`tsrun data ${name} `);
      expect(stdout).toMatch(/^Examples:$/m);
    },
  );

  test.each([
    [["inpsect"], 'unknown subcommand of tsrun data "inpsect"; did you mean'],
    [["inspect"], "which files?"],
    [["inspect", "a.jsonl", "--recrods", "1"], "did you mean --records?"],
    [["inspect", "rows.jsonl", "--records", "x"], '--records "x"'],
    [["convert", "rows.jsonl"], "what is to be converted, and where to?"],
    [["convert", "rows.jsonl", "out"], "what is out to be?"],
    [
      ["convert", "rows.jsonl", "out", "--to", "idx"],
      "is read and not written",
    ],
    [
      ["convert", "rows.jsonl", "o", "--to", "csv", "--name", "../o"],
      '--name "../o" is the beginning of shards\' names in o: it has no slash',
    ],
    [
      ["convert", "rows.jsonl", "o", "--to", "csv", "--shards", "100000"],
      "--shards 100000 is more than 99999",
    ],
    [
      ["convert", "rows.jsonl", "out", "--to", "tfrecrod"],
      'unknown --to "tfrecrod"; did you mean "tfrecord"? there are: csv, tsv, jsonl, npy,',
    ],
    [["convert", "rows.jsonl", "o.csv", "--shards", "2"], "name of one file"],
    [["convert", "rows.jsonl", "o.csv", "--to", "npy"], "extension of csv"],
    [["verify", "rows.jsonl", "-n", "0"], '-n "0" is not a number of ranks'],
    [["stats", "rows.jsonl", "--on-bad-record", "skp"], 'did you mean "skip"'],
    [["fetch"], "which dataset? There are: cifar10"],
    [["fetch", "mnits"], 'did you mean "mnist"'],
    [["fetch", "mnist", "--from", "here"], '--from "here" is no URL'],
  ])("%j: one line, exit code 2", async (args, text) => {
    const { exitCode, stdout, stderr } = await data(...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatch(/^tsrun: [^\n]*\n$/);
    expect(stderr).toContain(text);
  });
});

describe("inspect", () => {
  test("tells format, counts, fields and the first records", async () => {
    const { exitCode, stdout } = await data("inspect", "rows.jsonl");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^format {3}jsonl: /);
    expect(stdout).toMatch(/^records {2}1,000 in 1 file, /m);
    expect(stdout).toMatch(/^ {2}label +number$/m);
    expect(stdout).toMatch(/^record 2$/m);
    expect(stdout).toMatch(/^ {2}name +"row 2"$/m);
  });

  test("--json has the records in full", async () => {
    expect(
      await facts("inspect", "rows.jsonl", "--records", "2"),
    ).toMatchObject({
      format: "jsonl",
      records: ROWS,
      files: [{ path: "rows.jsonl", records: ROWS }],
      first: [recordOf(0), recordOf(1)],
    });
  });

  test("shows control characters that files have, and does not send them to the terminal", async () => {
    const line = JSON.stringify({ "na\u001bme": "\u0000\u001b[2J\n" });
    writeFileSync(path("control.jsonl"), `${line}\n`);
    for (const subcommand of ["inspect", "stats"]) {
      const { exitCode, stdout } = await data(subcommand, "control.jsonl");
      expect(exitCode).toBe(0);
      expect(stdout).toContain("na\\u001bme");
      expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
    }
  });

  test("counts what is compressed", async () => {
    expect((await data("convert", "rows.jsonl", "z.jsonl.gz")).exitCode).toBe(
      0,
    );
    expect(await facts("inspect", "z.jsonl.gz")).toMatchObject({
      records: ROWS,
    });
  });
});

describe("convert", () => {
  test.each([
    [[], "alone"],
    [["-n", "3"], "three"],
  ])(
    "%j: shards, read one after the other, have the records in order",
    async (ranks, out) => {
      const { exitCode, stdout, stderr } = await data(
        ...["convert", "rows.jsonl", out, "--to", "jsonl", "--shards", "7"],
        ...ranks,
      );
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(stdout).toContain("1,000 records written as jsonl to ");
      const names = readdirSync(path(out)).sort();
      expect(names).toEqual(
        Array.from({ length: 7 }, (_, i) => `rows-0000${i}-of-00007.jsonl`),
      );
      const texts = names.map((name) => readFileSync(path(out, name), "utf8"));
      expect(texts.join("").trim().split("\n")).toEqual(LINES);
      // As many in each, but for one.
      const counts = texts.map((text) => text.trim().split("\n").length);
      expect(new Set(counts)).toEqual(new Set([142, 143]));
    },
  );

  test("ranks give the files, byte for byte, that one process gives", async () => {
    for (const [out, ...ranks] of [["one"], ["many", "-n", "3"]] as const)
      await data(
        ...["convert", "rows.jsonl", out, "--to", "tfrecord", "--shards", "4"],
        ...ranks,
      );
    for (const name of readdirSync(path("one")))
      expect(readFileSync(path("many", name))).toEqual(
        readFileSync(path("one", name)),
      );
    expect(readdirSync(path("many"))).toHaveLength(4);
  });

  test("compressed input is read once by each rank, compressed output is what its name says", async () => {
    await data("convert", "rows.jsonl", "in.jsonl.gz", "--force");
    const { exitCode } = await data(
      ...["convert", "in.jsonl.gz", "gz", "--to", "jsonl", "--shards", "4"],
      ...["--compress", "gz", "--name", "all", "-n", "2"],
    );
    expect(exitCode).toBe(0);
    const text = readdirSync(path("gz"))
      .sort()
      .map((name) => gunzipSync(readFileSync(path("gz", name))).toString());
    expect(text.join("").trim().split("\n")).toEqual(LINES);
  });

  test("TFRecord and back gives the same records as plain values", async () => {
    await data("convert", "rows.jsonl", "there.tfrecord");
    await data("convert", "there.tfrecord", "back.jsonl");
    const back = readFileSync(path("back.jsonl"), "utf8").trim().split("\n");
    expect(back.map((line) => JSON.parse(line) as unknown)).toEqual(
      LINES.map((line) => JSON.parse(line) as unknown),
    );
  });

  test("refuses to overwrite, and replaces all shards of that name with --force", async () => {
    const args = (shards: string, ...rest: string[]) => [
      "convert",
      "rows.jsonl",
      "again",
      "--to",
      "csv",
      "--shards",
      shards,
      ...rest,
    ];
    expect((await data(...args("3"))).exitCode).toBe(0);
    const { exitCode, stderr } = await data(...args("2"));
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      "again/rows-00000-of-00003.csv and 2 more like it are there already; --force replaces them, --name NAME takes another name",
    );
    expect((await data(...args("2", "--force"))).exitCode).toBe(0);
    expect(readdirSync(path("again")).sort()).toEqual([
      "rows-00000-of-00002.csv",
      "rows-00001-of-00002.csv",
    ]);
  });

  test("writes what a link leads to", async () => {
    writeFileSync(path("linked.jsonl"), "before");
    symlinkSync("linked.jsonl", path("link.jsonl"));
    const args = ["convert", "rows.jsonl", "link.jsonl"];
    expect((await data(...args)).stderr).toMatch(
      /linked\.jsonl is there already; --force replaces it/,
    );
    expect((await data(...args, "--force")).exitCode).toBe(0);
    expect(readlinkSync(path("link.jsonl"))).toBe("linked.jsonl");
    const text = readFileSync(path("linked.jsonl"), "utf8");
    expect(text.trim().split("\n")).toEqual(LINES);

    symlinkSync("nowhere.jsonl", path("dangling.jsonl"));
    const { stderr, exitCode } = await data(
      ...["convert", "rows.jsonl", "dangling.jsonl", "--force"],
    );
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining(
        "dangling.jsonl is a link to nowhere.jsonl, which is not there; remove the link, or name a file",
      ),
    ]);
    rmSync(path("dangling.jsonl"));
  });

  test("more shards than records: some are empty, and it says so", async () => {
    writeFileSync(path("two.jsonl"), '{"a":1}\n{"a":2}\n');
    const { exitCode, stdout } = await data(
      ...["convert", "two.jsonl", "few", "--to", "jsonl", "--shards", "5"],
      ...["-n", "3"],
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain("3 files without a record");
    expect(await facts("verify", "few")).toMatchObject({
      records: 2,
      files: 5,
    });
  });

  test("leaves bad records out with --on-bad-record skip, and counts them", async () => {
    const lines = [...LINES];
    lines[500] = "{ broken";
    lines[501] = '{"id": 1e999}';
    writeFileSync(path("bad.jsonl"), lines.join("\n"));
    const args = ["convert", "bad.jsonl", "good", "--to", "jsonl", "-n", "2"];
    const failed = await data(...args);
    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toMatch(
      /^tsrun: (rank \d: )?bad\.jsonl, record 500 \(byte \d+\): /,
    );
    expect(readdirSync(path())).not.toContain("good");
    const { exitCode, stdout, stderr } = await data(
      ...args,
      "--on-bad-record",
      "skip",
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain("998 records written");
    expect(stderr).toContain("1 undecodable, 1 nonFinite");
  });
});

describe("verify", () => {
  test("finds the same checksum alone and in ranks, of the same records", async () => {
    const alone = await facts("verify", "rows.jsonl");
    expect(alone).toMatchObject({ records: ROWS, damaged: [], apart: null });
    expect(await facts("verify", "rows.jsonl", "-n", "3")).toEqual(alone);
  });

  test("shares one file out to ranks, which find what one process finds", async () => {
    const many = Array.from({ length: 60 }, () => LINES).flat();
    many[40_000] = "{ broken";
    many[50_000] = "{ broken, too";
    writeFileSync(path("one.jsonl"), many.join("\n") + "\n");
    const found = [];
    for (const ranks of [[], ["-n", "3"]]) {
      const { exitCode, stdout } = await data(
        ...["verify", "one.jsonl", "--json", ...ranks],
      );
      expect(exitCode).toBe(1);
      found.push(JSON.parse(stdout) as Record<string, unknown>);
    }
    expect(found[0]).toMatchObject({ files: 1, records: 59_998 });
    expect(found[0]!.damaged).toMatchObject([{ damages: 2 }]);
    expect(found[1]).toEqual(found[0]);
  });

  test("names each damaged file, its record and offset, and goes on with the others", async () => {
    mkdirSync(path("some"));
    const text = LINES.join("\n");
    for (const name of ["a", "b", "c"]) {
      const damaged =
        name === "a" ? text : text.replace('{"id":7,', '{"id":7;');
      writeFileSync(path("some", `${name}.jsonl`), damaged);
    }
    const offset = text.indexOf('{"id":7,');
    const { exitCode, stdout } = await data("verify", "some", "-n", "2");
    expect(exitCode).toBe(1);
    for (const name of ["b", "c"])
      expect(stdout).toContain(
        `some/${name}.jsonl is damaged:\n  some/${name}.jsonl, record 7 (byte ${offset}): `,
      );
    expect(stdout).toContain("2,998 sound records in 3 files");
    expect(stdout).toContain("2 files damaged");
  });

  test("says that sound files are not one dataset", async () => {
    writeFileSync(path("x.csv"), "a,b\n1,2\n");
    writeFileSync(path("y.csv"), "a,c\n1,2\n");
    const { exitCode, stdout } = await data("verify", "x.csv", "y.csv");
    expect(exitCode).toBe(1);
    expect(stdout).toContain("y.csv and x.csv cannot be one dataset");
    expect(stdout).toContain("nothing is damaged, and yet this is no dataset");
  });
});

describe("stats", () => {
  test.each([[[]], [["-n", "3"]]])("%j: of each field", async (ranks) => {
    const { records, fields } = await facts("stats", "rows.jsonl", ...ranks);
    expect(records).toBe(ROWS);
    const scores = Array.from({ length: ROWS }, (_, i) =>
      Math.fround(mixed(i)),
    );
    const mean = scores.reduce((sum, score) => sum + score, 0) / ROWS;
    expect(fields).toMatchObject({
      id: {
        count: ROWS,
        numbers: { min: 0, max: ROWS - 1, mean: (ROWS - 1) / 2 },
        values: null,
      },
      name: {
        kinds: { text: ROWS },
        lengths: { min: 5, max: 7 },
        numbers: null,
      },
      label: { values: { 0: 334, 1: 333, 2: 333 } },
      score: {
        numbers: {
          min: Math.min(...scores),
          max: Math.max(...scores),
          mean: expect.closeTo(mean, 12) as number,
        },
      },
    });
    const id = (fields as unknown as { id: { numbers: { std: number } } }).id;
    expect(id.numbers.std).toBeCloseTo(Math.sqrt((ROWS ** 2 - 1) / 12), 8);
  });

  test("prints a line a field, and labels with their counts", async () => {
    writeFileSync(path("gap.jsonl"), '{"a":1,"b":"x"}\n{"a":3}\n');
    const { exitCode, stdout } = await data("stats", "gap.jsonl");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^2 records in 1 file$/m);
    expect(stdout).toMatch(/^a +number +2 +0 +1 +3 +2 +1$/m);
    expect(stdout).toMatch(/^b +text +1 +1 +1$/m);
    expect(stdout).toMatch(/^b: 1 value: x \(1\)$/m);
  });
});
