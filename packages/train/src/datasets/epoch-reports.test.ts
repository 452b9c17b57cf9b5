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

const account = (records: number, fed: EpochAccount["fed"]): Report => ({
  account: {
    ...{ epoch: 2, records, checksum: [0, 0], places: [0, 0], ends: {} },
    fed,
  } satisfies EpochAccount,
  quality: { bad: 0, counts: {}, examples: {} } as unknown as Report["quality"],
});
const left: Report = { ...account(0, {}), account: null };
const run = (from: number, to: number) => account(to - from, { 0: [from, to] });

const said = (
  remainder: "uneven" | "drop" | "pad",
  ...reports: readonly (Report | null)[]
) => {
  const plan = { epoch: 2, seen: {} };
  const { summary, isAskedFor } = summarize(
    { ...dataset, remainder },
    ...([plan, reports] as const),
  );
  return [summary.isExact, isAskedFor, summary.text];
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
});
