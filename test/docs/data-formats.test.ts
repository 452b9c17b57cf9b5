import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FORMATS } from "@tsmpi/data";

const guide = readFileSync(
  join(__dirname, "../../docs/guides/data.md"),
  "utf8",
);
const section = guide.slice(
  guide.indexOf("## Formats"),
  guide.indexOf("## Modes"),
);
const rows = [
  ...section.matchAll(/^\| (\w+) +\| (.*?) *\| (yes|no) +\| (.*?) *\|$/gm),
];

test("the guide's table has a row for each format, and no other", () => {
  expect(rows.map(([, name]) => name)).toEqual([...FORMATS.keys()]);
});

test.each(
  [...FORMATS.values()].map((format) => [format.name, format] as const),
)(
  "the row of %s tells its extensions, whether it is written, and what it is",
  (name, { extensions, summary, writing }) => {
    const [, , named, written, text] = rows.find((row) => row[1] === name)!;
    for (const extension of extensions)
      expect(named).toContain(`\`${extension}\``);
    expect(written).toBe(writing === undefined ? "no" : "yes");
    expect(text).toBe(summary);
  },
);
