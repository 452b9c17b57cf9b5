import { createLog, readLogLevel } from "./log";

const LEVELS = ["debug", "info", "notice", "warn"] as const;

describe("createLog", () => {
  it.each(LEVELS)(
    "at level %s writes that level and the graver ones",
    (level) => {
      const lines: string[] = [];
      const log = createLog({
        where: "rank 2",
        level,
        write: (line) => lines.push(line),
      });
      for (const own of LEVELS) log[own]("text");
      expect(lines).toEqual(
        LEVELS.slice(LEVELS.indexOf(level)).map(
          (own) => `tsmpi ${own} [rank 2] text\n`,
        ),
      );
    },
  );

  it("indents the further lines of a text, so that each line shows whose it is", () => {
    const lines: string[] = [];
    createLog({
      where: "tsrun",
      level: "warn",
      write: (line) => lines.push(line),
    }).warn("a\nb");
    expect(lines).toEqual(["tsmpi warn [tsrun] a\n  b\n"]);
  });
});

describe("readLogLevel", () => {
  it("is notice unless TSMPI_LOG says otherwise", () => {
    expect(readLogLevel({})).toBe("notice");
    expect(readLogLevel({ TSMPI_LOG: "" })).toBe("notice");
    expect(readLogLevel({ TSMPI_LOG: "debug" })).toBe("debug");
  });

  it("refuses another word and lists the levels", () => {
    expect(() => readLogLevel({ TSMPI_LOG: "loud" })).toThrow(
      'TSMPI_LOG="loud" must be one of: debug, info, notice, warn',
    );
  });
});
