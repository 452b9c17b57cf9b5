import type { RankMessage } from "@tsmpi/protocol";
import { run, type ServiceEvent } from "../service";
import { accounts } from "./accounts";

const [dataset, pass] = [3, 1];

function job(size: number) {
  const times = { startTimeoutMs: 1, heartbeatTimeoutMs: 1 };
  const service = run(accounts, { size, ...times });
  const told = (event: ServiceEvent) =>
    service.step(event, 0).effects.flatMap((effect) => {
      if (effect.type !== "send" || effect.message.type !== "accounted")
        return [];
      return [{ to: effect.to, accounts: effect.message.accounts }];
    });
  return {
    say: (rank: number, records: number) => {
      const account = { records };
      const message: RankMessage = { type: "account", dataset, pass, account };
      return told({ type: "message", rank, message, payload: null });
    },
    ask: (rank: number) => {
      const message: RankMessage = { type: "absent-ask", dataset, pass };
      const asked = { type: "message", rank, message, payload: null } as const;
      return service.step(asked, 0).effects;
    },
    lose: (rank: number) =>
      told({ type: "announced", news: { type: "gone", rank } }),
  };
}

describe("accounts", () => {
  it("are told to all ranks, in rank order, when all have given theirs", () => {
    const { say } = job(2);
    expect(say(1, 10)).toEqual([]);
    const all = [{ records: 20 }, { records: 10 }];
    expect(say(0, 20)).toEqual([
      { to: 1, accounts: all },
      { to: 0, accounts: all },
    ]);
  });

  it("do not wait for a rank that is gone", () => {
    const { say, lose } = job(3);
    say(0, 1);
    say(2, 3);
    expect(lose(1)).toEqual(
      [0, 2].map((to) => ({
        to,
        accounts: [{ records: 1 }, null, { records: 3 }],
      })),
    );
  });

  it("keep what a rank said that has left meanwhile", () => {
    const { say, lose } = job(2);
    say(1, 10);
    expect(lose(1)).toEqual([]);
    const all = [{ records: 20 }, { records: 10 }];
    expect(say(0, 20)).toEqual([{ to: 0, accounts: all }]);
  });

  it("tell a rank that asks, at once, who is gone and has given none", () => {
    const { ask, say, lose } = job(4);
    const absent = (ranks: readonly number[]) => [
      {
        type: "send",
        to: 0,
        message: { type: "absent", dataset, pass, ranks },
      },
    ];
    expect(ask(0)).toEqual(absent([]));
    say(1, 10);
    lose(1);
    lose(2);
    expect(ask(0)).toEqual(absent([2]));
  });
});
