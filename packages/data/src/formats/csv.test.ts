import { parse } from "csv-parse/sync";
import { Random } from "../../../../test/data/formats/random-records";
import {
  readBytes,
  writeBytes,
} from "../../../../test/data/formats/read-bytes";
import type { DataRecord } from "../records/record";
import { csv, tsv } from "./csv";

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe("CSV", () => {
  test.each([
    ["ends of lines", "id,name\n1,a\n2,b\n"],
    ["of two characters", "id,name\r\n1,a\r\n2,b\r\n"],
    ["none behind the last", "id,name\n1,a\n2,b"],
    ["a byte order mark", "\uFEFFid,name\n1,a\n2,b\n"],
    ["empty lines", "\n\nid,name\n\n1,a\n\r\n2,b\n\n"],
    ["quotes around everything", '"id","name"\n"1","a"\n"2","b"\n'],
  ])("is read with %s", async (_what, content) => {
    expect(await readBytes(csv, content)).toEqual([
      { id: 1, name: "a" },
      { id: 2, name: "b" },
    ]);
  });

  test("tells types from the first records", async () => {
    const content =
      "n,zip,flag,mixed,quoted,large,f\n" +
      '1,01234,true,1,"5",12345678901234567890,1e3\n' +
      "-2.5,99999,False,x,6,1,.5\n" +
      ",,,,,,nan\n";
    expect(await readBytes(csv, content)).toEqual([
      {
        ...{ n: 1, zip: "01234", flag: true, mixed: "1", quoted: "5" },
        ...{ large: "12345678901234567890", f: 1000 },
      },
      {
        ...{ n: -2.5, zip: "99999", flag: false, mixed: "x", quoted: "6" },
        ...{ large: "1", f: 0.5 },
      },
      {
        ...{ n: null, zip: null, flag: null, mixed: null, quoted: null },
        ...{ large: null, f: NaN },
      },
    ]);
  });

  test("takes the types it is given", async () => {
    const columns = { id: "text", flag: "number" } as const;
    expect(await readBytes(csv, "id,flag\n1,1\n", { columns })).toEqual([
      { id: "1", flag: 1 },
    ]);
    await expect(
      readBytes(csv, "id\n1\n", { columns: { no: "text" } }),
    ).rejects.toThrow(
      "there is no column no to be of type text; the columns are id",
    );
  });

  test("has fields in quotes over lines, with delimiters and quotes", async () => {
    const content = 'a,b\n"x\ny,""z""\r\n",1\n5" pipe,2\n';
    expect(await readBytes(csv, content)).toEqual([
      { a: 'x\ny,"z"\r\n', b: 1 },
      { a: '5" pipe', b: 2 },
    ]);
  });

  test("tells nothing from empty text", async () => {
    expect(await readBytes(csv, 'a,b\n"",1\n,2\n')).toEqual([
      { a: "", b: 1 },
      { a: null, b: 2 },
    ]);
  });

  test("of one column has an empty line for null", async () => {
    const records = [{ a: 1 }, { a: null }, { a: 3 }];
    const bytes = await writeBytes(csv, records);
    expect(text(bytes)).toBe("a\n1\n\n3\n");
    expect(await readBytes(csv, bytes)).toEqual(records);
  });

  test("without a header numbers its columns", async () => {
    const records = await readBytes(csv, "1,a\n2,b\n", { header: false });
    expect(records).toEqual([
      { column1: 1, column2: "a" },
      { column1: 2, column2: "b" },
    ]);
    const bytes = await writeBytes(csv, records, { header: false });
    expect(text(bytes)).toBe("1,a\n2,b\n");
  });

  test("takes other delimiters, of which tabs are TSV's", async () => {
    const records = [{ a: 1, b: "x,y;z" }];
    const semicolons = await writeBytes(csv, records, { delimiter: ";" });
    expect(text(semicolons)).toBe('a;b\n1;"x,y;z"\n');
    expect(await readBytes(csv, semicolons, { delimiter: ";" })).toEqual(
      records,
    );
    const tabs = await writeBytes(tsv, records);
    expect(text(tabs)).toBe("a\tb\n1\tx,y;z\n");
    expect(await readBytes(tsv, tabs)).toEqual(records);
    for (const delimiter of ["", ",,", '"', "\n", "é"])
      await expect(readBytes(csv, "a\n", { delimiter })).rejects.toThrow(
        /^delimiter .* must be one character of ASCII/,
      );
  });

  test.each([
    [
      "a,b\n1,2\n3\n",
      "record 1 (byte 8): it has 1 fields, and the file 2 columns (a, b)",
    ],
    ["a,b\n1,2\n3,4,5\n", "record 1 (byte 8): it has 3 fields"],
    [
      'a\n"x"y\n',
      "x.csv, record 0 (byte 2): field 1 goes on behind its closing quote",
    ],
    [
      'a,b\n1,"x\n2,y\n',
      "record 0 (byte 4): the file ends within a field in quotes",
    ],
    [
      '\n\na,b\n\n"x\n',
      "record 0 (byte 7): the file ends within a field in quotes",
    ],
    [
      '"a"b\n1\n',
      "x.csv, in the names of its columns: field 1 goes on behind its closing quote",
    ],
    ["a,a\n1,2\n", "x.csv has two columns named a"],
    ["", "x.csv is empty"],
    ["a\n1\xff\n", "the text is not UTF-8"],
  ])("%j is refused: %s", async (content, message) => {
    await expect(
      readBytes(csv, Buffer.from(content, "latin1")),
    ).rejects.toThrow(message);
  });

  test.each([
    [
      "n/a",
      'column a is of type number, and "n/a" is none; if that is right, read it as text: columns: { a: "text" }',
    ],
    ["12345678901234567890", "of which a number cannot hold each digit"],
    ["true", "is none"],
    [" ", "is none"],
  ])("has no %s in a column of numbers", async (value, message) => {
    const content = `a\n${"1\n".repeat(2000)}${value}\n`;
    await expect(readBytes(csv, content)).rejects.toThrow(message);
    await expect(readBytes(csv, content)).rejects.toThrow(
      "x.csv, record 2000 (byte 4002): ",
    );
  });

  test.each([
    [[{ a: 1 }, { b: 1 }], "it has the fields b, and the first record had a"],
    [[{ a: 1 }, { a: 1, b: 1 }], "it has the fields a, b"],
    [
      [{ a: 1 }, { a: "x" }],
      "field a is of type text here, and its column of type number",
    ],
    [[{ a: null }, { a: 1 }], 'say columns: { a: "number" }'],
    [
      [{ a: [1] }],
      "field a is an array; separated values are numbers, booleans and text",
    ],
    [[{ a: new Float32Array(1) }], "field a is of type Float32Array"],
    [[{ a: 1n }], "field a is a bigint"],
    [[{ a: "\ud800" }], "half of a surrogate pair"],
  ] as [DataRecord[], string][])("cannot hold %j", async (records, message) => {
    await expect(writeBytes(csv, records, {}, 1)).rejects.toThrow(message);
  });

  test("names the record of the first ones that it cannot hold", async () => {
    await expect(writeBytes(csv, [{ a: 1 }, { b: 1 }])).rejects.toThrow(
      "of the records that are to be written, number 1: field a is missing",
    );
  });

  test("is read as csv-parse reads it", async () => {
    const random = new Random(1);
    const alphabet = [...'ab,"\n\r 1é'];
    for (let trial = 0; trial < 300; trial++) {
      const names = ["a", "b", "c"].slice(0, 1 + random.below(3));
      const records = random.list(10, () =>
        Object.fromEntries(
          names.map((name) => [name, `x${random.text(alphabet, 6)}`]),
        ),
      );
      if (records.length === 0) continue;
      const bytes = await writeBytes(csv, records);
      expect(
        parse(Buffer.from(bytes), { columns: true, record_delimiter: "\n" }),
      ).toEqual(records);
      expect(await readBytes(csv, bytes)).toEqual(records);
    }
  });
});
