import { UnknownNameError } from "@tsmpi/protocol";
import { COMPRESSIONS } from "./files/compression";
import { formatOf, FORMATS } from "./registry";

describe("formatOf", () => {
  const named = [...FORMATS.values()].flatMap((format) =>
    format.extensions.map((extension) => [extension, format] as const),
  );
  test.each(named)("finds a format by %s", (extension, format) => {
    expect(formatOf(`data/x${extension}`)).toBe(format);
    if (extension === "/") return;
    for (const compression of COMPRESSIONS)
      expect(formatOf(`x${extension}${compression.extension}`)).toBe(format);
  });
  test("finds a format by its name, whatever the file is called", () => {
    for (const format of FORMATS.values())
      expect(formatOf("x.unknown", format.name)).toBe(format);
  });
  test.each(["x", "x.xyz", "x.gz", "csv"])(
    "lists the formats for %s, which is none",
    (path) => {
      const refused = () => formatOf(path);
      expect(refused).toThrow(UnknownNameError);
      expect(refused).toThrow(
        `what ${path} holds cannot be told by its name; the formats are `,
      );
      for (const name of FORMATS.keys()) expect(refused).toThrow(`${name} (`);
      expect(refused).toThrow("name one with the option format");
    },
  );
  test("lists the formats for a name that none has", () => {
    expect(() => formatOf("x.csv", "xls")).toThrow(
      /^there is no format xls; the formats are .*csv \(\.csv\)/,
    );
  });
});
