import type { RankMessage } from "@tsmpi/protocol";
import { type Effect, nothing, type Service, type Step } from "../service";

type Vote = Extract<RankMessage, { readonly type: "agree" }>;

/** What the ranks of one communicator are asked, and have answered so far. */
interface Question {
  readonly group: readonly number[];
  readonly votes: ReadonlyMap<number, Vote>;
}

interface State {
  readonly gone: ReadonlySet<number>;
  readonly questions: ReadonlyMap<string, Question>;
}

/**
 * ULFM's agreement: all ranks of a communicator that live get the same answer, whoever fails meanwhile. Who is gone is known
 * here before anywhere else, and in one order; so a question is answered when each of its ranks has voted or is gone.
 */
export const agreement: Service<State> = {
  name: "agreement",
  handles: ["agree"],
  start: () => ({ gone: new Set(), questions: new Map() }),

  step(state, event) {
    if (event.type === "announced" && event.news.type === "gone")
      return decide({
        ...state,
        gone: new Set(state.gone).add(event.news.rank),
      });
    if (event.type !== "message" || event.message.type !== "agree")
      return nothing(state);
    const vote = event.message;
    const key = `${vote.context} ${vote.number}`;
    const question = state.questions.get(key);
    const votes = new Map(question?.votes).set(event.rank, vote);
    const questions = new Map(state.questions).set(key, {
      group: vote.group,
      votes,
    });
    return decide({ ...state, questions });
  },
};

/** Answers every question for which nobody is missing any more. */
function decide(state: State): Step<State> {
  const questions = new Map(state.questions);
  const effects: Effect[] = [];
  for (const [key, { group, votes }] of state.questions) {
    const isMissing = (rank: number): boolean =>
      !votes.has(rank) && !state.gone.has(rank);
    if (group.some(isMissing)) continue;
    questions.delete(key);
    effects.push(...answer(group, votes, state.gone));
  }
  return { state: { ...state, questions }, effects, reason: null };
}

function answer(
  group: readonly number[],
  votes: Question["votes"],
  gone: State["gone"],
): Effect[] {
  const failed = group.filter((rank) => gone.has(rank));
  const living = group.filter((rank) => !gone.has(rank));
  const first = votes.get(living[0] ?? -1);
  if (first === undefined) return [];
  const flag = [...votes.values()].reduce((all, vote) => all & vote.flag, ~0);
  const { context, number, offer } = first;
  return living.map((to) => ({
    type: "send",
    to,
    message: { type: "agreed", context, number, flag, failed, offer },
  }));
}
