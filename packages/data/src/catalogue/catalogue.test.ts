import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { openCatalogue } from "./catalogue";
import { indexFile } from "./index-file";
import { schemaDifference } from "./schema-difference";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "tsmpi-catalogue-"))));
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const namesIn = ({ files }: { files: readonly { path: string }[] }) =>
  files.map(({ path }) => path.slice(folder.length + 1));

describe("openCatalogue", () => {
  test("finds files by name, wildcard and folder, each once, in natural order", async () => {
    for (const name of ["s-10.jsonl", "s-2.jsonl", "s-1.jsonl", "deep/a.jsonl"])
      write(name, "{}\n");
    for (const name of ["_SUCCESS", ".hidden.jsonl", "README.unknown"])
      write(name, "{}\n");
    const all = ["deep/a.jsonl", "s-1.jsonl", "s-2.jsonl", "s-10.jsonl"];
    expect(namesIn(await openCatalogue(folder))).toEqual(all);
    expect(namesIn(await openCatalogue(join(folder, "s-*.jsonl")))).toEqual(
      all.slice(1),
    );
    const several = [join(folder, "s-1.jsonl"), join(folder, "s-{1,2}.jsonl")];
    expect(namesIn(await openCatalogue(several))).toEqual(all.slice(1, 3));
  });

  test("finds a file once, whatever links lead to it", async () => {
    write("a.jsonl", "{}\n");
    write("deep/b.jsonl", "{}\n");
    symlinkSync(".", join(folder, "loop"));
    symlinkSync("a.jsonl", join(folder, "c.jsonl"));
    symlinkSync("nowhere", join(folder, "d.jsonl"));
    const all = ["a.jsonl", "deep/b.jsonl"];
    expect(namesIn(await openCatalogue(folder))).toEqual(all);
    const twice = [join(folder, "c.jsonl"), join(folder, "*.jsonl")];
    expect(namesIn(await openCatalogue(twice))).toEqual(["a.jsonl"]);
    expect(namesIn(await openCatalogue(join(folder, "c.jsonl")))).toEqual([
      "c.jsonl",
    ]);
  });

  test("takes a name with wildcards in it as a name, if there is such a file", async () => {
    write("a1.jsonl", "{}\n");
    const path = write("a[1].jsonl", "{}\n");
    expect(namesIn(await openCatalogue(path))).toEqual(["a[1].jsonl"]);
  });

  test("is plain data", async () => {
    const path = write("a.jsonl.gz", gzipSync('{"x":1}\n'));
    const catalogue = await openCatalogue(path);
    expect(structuredClone(catalogue)).toEqual(catalogue);
    expect(catalogue.format).toBe("jsonl");
    expect(catalogue.files[0]).toMatchObject({ path, isSeekable: false });
  });

  test("takes the format that is named", async () => {
    const path = write("a.log", "{}\n");
    await expect(openCatalogue(path)).rejects.toThrow(
      /what .*a\.log holds cannot be told by its name; the formats are .*jsonl \(\.jsonl/,
    );
    const { format } = await openCatalogue(path, { format: "jsonl" });
    expect(format).toBe("jsonl");
  });

  test("refuses a pattern that nothing matches, and says where it looked", async () => {
    write("a.jsonl", "{}\n");
    const pattern = join(folder, "b*.jsonl");
    await expect(
      openCatalogue([join(folder, "a.jsonl"), pattern]),
    ).rejects.toThrow(
      `no file of a dataset matches ${pattern} (in ${process.cwd()})`,
    );
    await expect(openCatalogue([])).rejects.toThrow("needs the name of a file");
  });

  test("refuses files that hold nothing at all, and keeps empty ones beside others", async () => {
    const empty = write("a.jsonl", "");
    await expect(openCatalogue(empty)).rejects.toThrow(
      `the dataset is empty: ${empty} has 0 bytes`,
    );
    write("b.jsonl", "{}\n");
    const catalogue = await openCatalogue(folder);
    expect(catalogue.files.map(({ bytes }) => bytes)).toEqual([0, 3]);
    expect(await indexFile(catalogue, 0)).toEqual({ records: 0, places: [] });
  });

  test("refuses files that hold a header alone, and keeps them beside others, whatever it says", async () => {
    const headers = [write("a.csv", "x,y\n"), write("b.csv", "z\n")];
    await expect(openCatalogue(headers[0]!)).rejects.toThrow(
      `the dataset is empty: ${headers[0]} has 4 bytes and no record`,
    );
    await expect(openCatalogue(folder)).rejects.toThrow(
      `the dataset is empty: all 2 files of ${folder} have 6 bytes and no record`,
    );
    const nothing = write("a.jsonl.gz", gzipSync(""));
    await expect(openCatalogue(nothing)).rejects.toThrow("and no record");
    rmSync(nothing);
    write("c.csv", "x,y\n1,2\n");
    const { files, schema } = await openCatalogue(folder);
    expect(files.map(({ bytes }) => bytes)).toEqual([4, 2, 8]);
    expect(schema).toMatchObject({
      columns: [{ type: "number" }, { type: "number" }],
    });
    write("d.csv", "z\n1\n");
    await expect(openCatalogue(folder)).rejects.toThrow(
      "cannot be one dataset, their schemas differ",
    );
  });
});

describe("indexFile", () => {
  test("reads a file through where its format keeps no index", async () => {
    const line = `{"text":"${"x".repeat(1000)}"}\n`;
    const catalogue = await openCatalogue(write("a.jsonl", line.repeat(3000)));
    const index = await indexFile(catalogue, 0);
    expect(index!.records).toBe(3000);
    expect(index!.places.length).toBeGreaterThan(2);
    for (const { record, offset } of index!.places)
      expect(offset).toBe(record * line.length);
  });
  test("has nothing to say of a compressed file", async () => {
    const catalogue = await openCatalogue(
      write("a.jsonl.gz", gzipSync("{}\n")),
    );
    expect(await indexFile(catalogue, 0)).toBeNull();
  });
});

describe("schemaDifference", () => {
  test.each([
    [null, null, null],
    [{ a: [1, 2] }, { a: [1, 2] }, null],
    [{ a: 1 }, { a: 1, b: 2 }, "there is no b"],
    [{ a: { c: 1 } }, { a: {} }, "there is also a.c"],
    [{ a: ["x"] }, { a: ["y"] }, 'a.0 is "x", not "y"'],
    [null, { a: 1 }, 'the schema is null, not {"a":1}'],
    [{ a: 1n }, { a: 2n }, "a is 1, not 2"],
  ])("of %p and %p", (found, expected, difference) =>
    expect(schemaDifference(found, expected)).toBe(difference),
  );
});
