import { BEGIN, END, section, withSection } from "./section.ts";
import { RESULTS, timeOf } from "./results.fixture.ts";
import { millisecondsText, ratioText } from "./ratios.ts";

describe("a section", () => {
  it("goes between its two marks, in place of the one before, and nothing else changes", () => {
    const text = (between: string) =>
      `# Title\n\nbefore\n\n${BEGIN}${between}${END}\n\nafter\n`;
    const once = withSection(text("\n"), "new");
    expect(once).toBe(text("\n\nnew\n\n"));
    expect(withSection(once, "$& newer")).toBe(text("\n\n$& newer\n\n"));
  });

  it.each([
    ["no marks", ""],
    ["one mark", BEGIN],
    ["the other mark", END],
    ["marks in the wrong order", END + BEGIN],
    ["marks twice", BEGIN + END + BEGIN + END],
    ["an end twice", BEGIN + END + END],
  ])("refuses a text with %s", (_, text) =>
    expect(() => withSection(text, "new")).toThrow(
      `the text has to have ${BEGIN} and ${END} once each, in this order`,
    ),
  );

  it("says how, when and where was measured", () => {
    const [facts] = section(RESULTS).split("\n");
    expect(facts).toMatch(
      /^`npm run bench:peers`, 2026-11-21; Some CPU, 2 cores, 24 GiB; Linux 6.1; Node.js 20.20.2; PyTorch 2.15.0. 2 rounds,/,
    );
  });

  it("has times and ratios of every size", () => {
    const rows = section(RESULTS)
      .split("\n")
      .map((line) => line.split("|").map((cell) => cell.trim()));
    const call = { ranks: 4, bytes: 25e6, buffers: "ordinary" } as const;
    const ours = timeOf({ ...call, peer: "tsmpi", transport: "tcp" });
    const gloo = timeOf({ ...call, peer: "gloo", transport: "tcp" });
    const mpi = timeOf({ ...call, peer: "openmpi", transport: "tcp" });
    // The tables of two ranks come first.
    const ratios = rows.filter(([, name]) => name === "25 MB, ordinary")[1]!;
    expect(ratios.slice(4, 6)).toEqual(
      [ours / gloo, ours / mpi]
        .map(ratioText)
        .map((text) => `${text} (${text}–${text})`),
    );
    const times = rows.filter(([, name]) => name === "25 MB")[1]!;
    // The second round took twice as long.
    expect(times[5]).toBe(millisecondsText(1.5 * Number(ours)));
    expect(times[6]).toBe(millisecondsText(1.5 * Number(gloo)));
  });

  it("has the times over hosts, beside Gloo's and the wire's 800 ms", () => {
    const row = section(RESULTS)
      .split("\n")
      .map((line) => line.split("|").map((cell) => cell.trim()))
      .findLast(([, name]) => name === "100 MB, arena");
    expect(row!.slice(2, 7)).toEqual([
      ...["1,350", "1,875", "0.72 (0.72–0.72)"],
      ...["1.69 (1.13–2.25)", "2.34 (1.56–3.13)"],
    ]);
  });

  it("speaks only of what was measured", () => {
    const { allreduceMs, samplesPerS } = RESULTS;
    const alone = section({
      ...RESULTS,
      allreduceMs: allreduceMs.filter(({ peer }) => peer === "tsmpi"),
      samplesPerS: [],
    });
    expect(alone).not.toContain("step.svg");
    expect(alone).toMatch(/\| 4 B, arena \|( – \|)+$/m);
    const step = section({ ...RESULTS, allreduceMs: [], samplesPerS });
    expect(step).not.toContain("allreduce.svg");
    expect(step).toContain("step.svg");
  });
});
