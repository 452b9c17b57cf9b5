import type { EpochAccount } from "@tsmpi/data";
import { type Report, summarize } from "./epoch-reports";

const RECORDS = 11;
const dataset = {
  catalogue: {
    ...{ format: "jsonl", schema: null },
    files: [{ path: "a.jsonl", bytes: 1, isSeekable: true }],
  },
  ...{ counts: [RECORDS], partition: { by: "block" } as const },
};

const account = (
  records: number,
  fed: EpochAccount["fed"],
  leaving: Report["leaving"] = null,
): Report => ({
  account: {
    ...{ epoch: 2, records, checksum: [0, 0], places: [0, 0], ends: {} },
    fed,
  } satisfies EpochAccount,
  leaving,
  quality: { bad: 0, counts: {}, examples: {} } as unknown as Report["quality"],
});
const left = account(0, {}, "early");
const run = (from: number, to: number, leaving?: Report["leaving"]) =>
  account(to - from, { 0: [from, to] }, leaving);

const said = (
  remainder: "uneven" | "drop" | "pad",
  ...reports: readonly (Report | null)[]
) => saidOf({ ...dataset, remainder }, reports);

const saidOf = (
  of: Parameters<typeof summarize>[0],
  reports: readonly (Report | null)[],
) => {
  const plan = { epoch: 2, seen: {} };
  const { summary, isGood } = summarize(of, plan, reports);
  return [summary.isExact, isGood, summary.text];
};

describe("an epoch's reports", () => {
  test("say that it was exact", () => {
    const [isExact] = said("uneven", run(0, 6), run(6, 11));
    expect(isExact).toBe(true);
  });

  test("of records that were dropped, or were there twice, are as the program asked for", () => {
    expect(said("drop", run(0, 5), run(5, 10))).toEqual([
      ...[false, true, "epoch 2: record 10 of a.jsonl went to no rank"],
    ]);
    const padded = account(6, { 0: [6, 11] });
    expect(said("pad", run(0, 6), padded)).toEqual([
      ...[false, true, "epoch 2: rank 1 had 1 record more than once"],
    ]);
    const again = account(6, { 0: [0, 1, 6, 11] });
    expect(said("pad", run(0, 6), again)[1]).toBe(true);
  });

  test.each([
    ["drop", [run(0, 5), run(6, 10)]],
    ["drop", [run(0, 6), run(5, 11)]],
    ["pad", [run(0, 5), run(6, 11)]],
    ["pad", [run(0, 6), run(4, 11)]],
    ["uneven", [run(0, 5), run(5, 10)]],
  ] as const)("of other losses are to be told, %s %#", (remainder, reports) => {
    expect(said(remainder, ...reports).slice(0, 2)).toEqual([false, false]);
  });

  test("say who has left it, and that this is to be told unless all have", () => {
    const text =
      "epoch 2: records 5 to 10 of a.jsonl went to no rank (rank 1 left it before its end)";
    for (const remainder of ["drop", "uneven"] as const)
      expect(said(remainder, run(0, 5), left)).toEqual([false, false, text]);
    expect(said("uneven", left, left).slice(0, 2)).toEqual([false, true]);
    expect(said("uneven", left, null).slice(0, 2)).toEqual([false, false]);
  });

  test("of ranks that had as much as they wanted are good, and say so", () => {
    expect(said("uneven", run(0, 5), run(5, 8, "enough"))).toEqual([
      ...[false, true],
      "epoch 2: records 8 to 10 of a.jsonl went to no rank (rank 1 took no more of it)",
    ]);
    expect(said("uneven", run(0, 5, "enough"), run(4, 8, "enough"))[1]).toBe(
      false,
    );
  });

  test("count what a rank had before it left, or others had when one is gone", () => {
    for (const [leaving, who] of [
      ["early", "(rank 1 left it before its end)"],
      ["enough", "(rank 1 took no more of it)"],
    ] as const) {
      const other = run(5, 11, leaving);
      const [isExact, isGood, text] = said("uneven", run(0, 5), other);
      expect([isExact, isGood]).toEqual([true, true]);
      expect(text).toContain(who);
    }
    const [isExact, isGood, text] = said("uneven", run(0, 11), null);
    expect([isExact, isGood]).toEqual([true, true]);
    expect(text).toContain("(rank 1 is gone, and cannot say what it had)");
  });

  test("are not exact where nobody knows how many records there are", () => {
    const of = { ...dataset, counts: [null], remainder: "uneven" } as const;
    const early = run(0, 5, "early");
    expect(saidOf(of, [early, early]).slice(0, 2)).toEqual([false, false]);
    expect(saidOf(of, [early, left]).slice(0, 2)).toEqual([false, true]);
    expect(saidOf(of, [run(0, 5), null]).slice(0, 2)).toEqual([false, false]);
  });
});
