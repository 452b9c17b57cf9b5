import type { RankMessage } from "@tsmpi/protocol";
import { run } from "../service";
import { agreement } from "./agreement";

const JOB = { size: 3, startTimeoutMs: 1, heartbeatTimeoutMs: 1 };
const vote = (
  rank: number,
  flag: number,
  { context = 7, number = 0, group = [0, 1, 2], offer = 10 + rank } = {},
) => ({
  type: "message" as const,
  rank,
  message: {
    type: "agree",
    context,
    number,
    group,
    flag,
    offer,
  } satisfies RankMessage,
  payload: null,
});
const gone = (rank: number) => ({
  type: "announced" as const,
  news: { type: "gone" as const, rank },
});

/** What was sent, and to whom, for a list of events. */
const answers = (
  ...events: (ReturnType<typeof vote> | ReturnType<typeof gone>)[]
) => {
  const service = run(agreement, JOB);
  return events.flatMap((event) =>
    service
      .step(event, 0)
      .effects.map((effect) =>
        effect.type === "send" ? [effect.to, effect.message] : effect,
      ),
  );
};
const agreed = (flag: number, failed: number[], offer: number, number = 0) => ({
  ...{ type: "agreed", context: 7, number, flag, failed, offer },
});

describe("agreement", () => {
  it("answers all with the bits that all have set, once everybody has voted", () => {
    expect(answers(vote(1, 0b1101), vote(0, 0b1011))).toEqual([]);
    expect(answers(vote(1, 0b1101), vote(0, 0b1011), vote(2, -1))).toEqual(
      [0, 1, 2].map((to) => [to, agreed(0b1001, [], 10)]),
    );
  });

  it("waits for nobody who is gone, and says who that is", () => {
    const expected = [0, 2].map((to) => [to, agreed(1, [1], 10)]);
    expect(answers(vote(0, 1), vote(2, 1), gone(1))).toEqual(expected);
    expect(answers(gone(1), vote(0, 1), vote(2, 1))).toEqual(expected);
  });

  it("counts the vote of one that went afterwards, and takes the offer of the lowest that lives", () => {
    expect(
      answers(vote(0, 0b10), gone(0), vote(1, 0b11), vote(2, 0b11)),
    ).toEqual([1, 2].map((to) => [to, agreed(0b10, [0], 11)]));
  });

  it("keeps the questions of a communicator apart, and those of two", () => {
    expect(
      answers(
        vote(0, 1),
        vote(0, 2, { number: 1 }),
        vote(1, 1, { context: 8 }),
        vote(1, 1),
        vote(2, 1),
      ),
    ).toEqual([0, 1, 2].map((to) => [to, agreed(1, [], 10)]));
  });
});
