import type { RankMessage } from "@tsmpi/protocol";
import { run, type ServiceEvent } from "../service";
import { splits } from "./splits";

const [dataset, pass] = [0, 0];

/** What the service sends a rank. */
type Told =
  | {
      readonly to: number;
      readonly split: number | null;
      readonly had: readonly number[];
    }
  | { readonly to: number; readonly refused: string };

const from = (rank: number, message: RankMessage): ServiceEvent => ({
  ...{ type: "message", rank, message, payload: null },
});
const gone = (rank: number): ServiceEvent => ({
  type: "announced",
  news: { type: "gone", rank },
});

const isGiven = (one: Told): boolean => "split" in one && one.split !== null;

/** A job whose ranks pass over `count` splits: what the service tells whom. */
function job(size: number, count: number, { waits = false } = {}) {
  const times = { startTimeoutMs: 1, heartbeatTimeoutMs: 1 };
  const service = run(splits, { size, ...times });
  const step = (event: ServiceEvent) =>
    service.step(event, 0).effects.flatMap((effect): Told[] => {
      if (effect.type !== "send") return [];
      const { message, to } = effect;
      if (message.type === "splits")
        return message.splits.length === 0
          ? [{ to, split: null, had: [] }]
          : message.splits.map((given) => ({ to, ...given }));
      return message.type === "split-refused"
        ? [{ to, refused: message.error.message }]
        : [];
    });
  return {
    ask: (rank: number, more: { pass?: number; about?: string } = {}) =>
      step(
        from(rank, {
          ...{ type: "split-ask", dataset, pass, about: "same" },
          ...{ splits: count, waits, ...more },
        }),
      ),
    deliver: (rank: number, split: number, runs: number[], isAll: boolean) =>
      step(
        from(rank, {
          ...{ type: "split-delivered", dataset, pass },
          delivered: [{ split, runs, isAll }],
        }),
      ),
    leave: (rank: number) =>
      step(from(rank, { type: "split-leave", dataset, pass })),
    lose: (rank: number) => step(gone(rank)),
  };
}

describe("splits", () => {
  it("of a rank that leaves the pass go to others, without what its program had, and what it asked is answered", () => {
    const { ask, deliver, leave } = job(3, 3, { waits: true });
    for (const rank of [0, 1, 2]) ask(rank);
    deliver(1, 1, [10, 12], false);
    expect(ask(0)).toEqual([]);
    expect(ask(1)).toEqual([]);
    expect(leave(1)).toEqual([
      { to: 0, split: 1, had: [10, 12] },
      { to: 1, split: null, had: [] },
    ]);
    expect(ask(0)).toEqual([]);
    expect(leave(2)).toEqual([{ to: 0, split: 2, had: [] }]);
    expect(ask(2)).toEqual([{ to: 2, split: null, had: [] }]);
    expect(ask(0)).toEqual([{ to: 0, split: null, had: [] }]);
  });

  it("of a pass that all ranks leave go to nobody", () => {
    const { ask, leave } = job(2, 2);
    ask(0);
    ask(1);
    expect(leave(1)).toEqual([]);
    expect(leave(0)).toEqual([]);
    expect(ask(0)).toEqual([{ to: 0, split: null, had: [] }]);
  });

  it("are handed out when all ranks have begun the pass", () => {
    const { ask } = job(2, 3);
    expect(ask(1)).toEqual([]);
    expect(ask(0)).toEqual([
      { to: 1, split: 0, had: [] },
      { to: 0, split: 1, had: [] },
    ]);
  });

  it("are handed out once each, and then the end is told to every rank once", () => {
    const { ask } = job(2, 5);
    const told = [...ask(0), ...ask(1)];
    for (let i = 0; i < told.length; i++)
      if (isGiven(told[i]!)) told.push(...ask(told[i]!.to));
    const given = told.map((one) => ("split" in one ? one.split : -1));
    expect(given.filter((split) => split !== null)).toEqual([0, 1, 2, 3, 4]);
    const ended = told.filter((one) => "split" in one && one.split === null);
    expect(ended.map(({ to }) => to).sort()).toEqual([0, 1]);
  });

  it("are given out several at first, a fourth of an even share of what is left, and in the end one at a time", () => {
    const { ask } = job(2, 64);
    ask(0);
    const counts = [0, 0];
    for (const { to } of ask(1)) counts[to]!++;
    expect(counts).toEqual([8, 7]);
    for (let left = 64 - 15; left > 0;) {
      const given = ask(left % 2);
      expect(given).toHaveLength(Math.max(1, Math.floor(left / 8)));
      left -= given.length;
    }
  });

  it("give a rank that is three times slower a third, and all end within one split", () => {
    const [fast, slow] = [1, 3];
    const { ask } = job(2, 40);
    const msPerSplit = [fast, slow];
    const had = [0, 0];
    /** When each rank asks next. */
    const at: (number | null)[] = [0, 0];
    const take = (told: ReturnType<typeof ask>, nowMs: number) => {
      for (const one of told) {
        if (!("split" in one)) continue;
        if (one.split === null) {
          at[one.to] = null;
          ends[one.to] = nowMs;
          continue;
        }
        had[one.to]!++;
        // One behind the other, of those that are given together.
        at[one.to] = Math.max(at[one.to]!, nowMs) + msPerSplit[one.to]!;
      }
    };
    const ends = [0, 0];
    take([...ask(0), ...ask(1)], 0);
    for (;;) {
      const times = at.map((time) => time ?? Infinity);
      const nowMs = Math.min(...times);
      if (nowMs === Infinity) break;
      take(ask(times.indexOf(nowMs)), nowMs);
    }
    expect(had).toEqual([30, 10]);
    expect(Math.abs(ends[0]! - ends[1]!)).toBeLessThanOrEqual(slow);
  });

  it("of a lost rank go to others, without what its program had", () => {
    const { ask, deliver, lose } = job(2, 2);
    ask(0);
    ask(1);
    expect(deliver(1, 1, [10, 12], false)).toEqual([]);
    expect(lose(1)).toEqual([]);
    expect(ask(0)).toEqual([{ to: 0, split: 1, had: [10, 12] }]);
    expect(ask(0)).toEqual([{ to: 0, split: null, had: [] }]);
  });

  it("of a lost rank tell what its program had in ascending runs, in whatever order it had them", () => {
    const { ask, deliver, lose } = job(2, 2);
    ask(0);
    ask(1);
    deliver(1, 1, [10, 12, 90, 91], false);
    deliver(1, 1, [12, 14, 7, 8], false);
    lose(1);
    expect(ask(0)).toEqual([{ to: 0, split: 1, had: [7, 8, 10, 14, 90, 91] }]);
  });

  it("of a lost rank that its program was through with go to nobody", () => {
    const { ask, deliver, lose } = job(2, 2);
    ask(0);
    ask(1);
    deliver(1, 1, [10, 12], true);
    lose(1);
    expect(ask(0)).toEqual([{ to: 0, split: null, had: [] }]);
  });

  it("are not at their end for a rank that waits while another works on one", () => {
    const { ask, lose } = job(2, 2, { waits: true });
    ask(0);
    ask(1);
    expect(ask(0)).toEqual([]);
    expect(lose(1)).toEqual([{ to: 0, split: 1, had: [] }]);
  });

  it("end for all when those that wait have only what they hold back themselves", () => {
    const { ask } = job(2, 2, { waits: true });
    ask(0);
    ask(1);
    expect(ask(0)).toEqual([]);
    expect(
      ask(1)
        .map(({ to }) => to)
        .sort(),
    ).toEqual([0, 1]);
  });

  it("begin without a rank that is lost", () => {
    const { ask, lose } = job(2, 1);
    ask(0);
    expect(lose(1)).toEqual([{ to: 0, split: 0, had: [] }]);
  });

  it("of a pass wait for ranks that are in the one before", () => {
    const { ask } = job(2, 1);
    ask(0);
    ask(1);
    expect(ask(0)).toEqual([{ to: 0, split: null, had: [] }]);
    expect(ask(0, { pass: 1 })).toEqual([]);
    expect(ask(1)).toEqual([{ to: 1, split: null, had: [] }]);
    expect(ask(1, { pass: 1 }).map(({ to }) => to)).toEqual([0, 1]);
  });

  it("of a pass that all ranks have gone on from are at their end", () => {
    const { ask, leave } = job(2, 2);
    for (const rank of [0, 1]) ask(rank);
    for (const rank of [0, 1]) leave(rank);
    ask(0, { pass: 1 });
    expect(ask(1, { pass: 1 })).toHaveLength(2);
    expect(ask(0)).toEqual([{ to: 0, split: null, had: [] }]);
  });

  it("are refused to all ranks if these take the pass for different ones", () => {
    const { ask } = job(3, 1);
    ask(0, { about: "epoch 1" });
    const text =
      "the ranks do not pass over the same records (rank 0: epoch 1; rank 2: epoch 2); open the same files with the same options on every rank, and begin the same epochs";
    expect(ask(2, { about: "epoch 2" })).toEqual([
      { to: 0, refused: text },
      { to: 2, refused: text },
    ]);
    expect(ask(1, { about: "epoch 1" })).toHaveLength(1);
  });
});
