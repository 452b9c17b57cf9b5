import type { RankMessage } from "@tsmpi/protocol";
import { type Effect, nothing, type Service, type Step } from "../service";

type Account = Extract<RankMessage, { readonly type: "account" }>;
type Ask = Extract<RankMessage, { readonly type: "absent-ask" }>;

/** What the ranks have said of one pass over a dataset so far. */
interface Pass {
  readonly dataset: number;
  readonly pass: number;
  readonly accounts: ReadonlyMap<number, object>;
}

interface State {
  readonly size: number;
  readonly gone: ReadonlySet<number>;
  readonly passes: ReadonlyMap<string, Pass>;
}

/**
 * Gathers what each rank has had of a pass over a dataset, and tells all of them. Not a collective: a rank whose records are over
 * goes on at once, since others may need it in the steps that they still have.
 */
export const accounts: Service<State> = {
  name: "accounts",
  handles: ["account", "absent-ask"],
  start: ({ size }) => ({ size, gone: new Set(), passes: new Map() }),

  step(state, event) {
    if (event.type === "announced" && event.news.type === "gone")
      return tell({ ...state, gone: new Set(state.gone).add(event.news.rank) });
    if (event.type !== "message") return nothing(state);
    if (event.message.type === "account")
      return tell(enter(state, event.rank, event.message));
    if (event.message.type === "absent-ask")
      return answer(state, event.rank, event.message);
    return nothing(state);
  },
};

const keyOf = ({ dataset, pass }: Pick<Ask, "dataset" | "pass">): string =>
  `${dataset} ${pass}`;

function enter(state: State, rank: number, message: Account): State {
  const { dataset, pass, account } = message;
  const key = keyOf(message);
  const accounts = new Map(state.passes.get(key)?.accounts).set(rank, account);
  const passes = new Map(state.passes).set(key, { dataset, pass, accounts });
  return { ...state, passes };
}

/** A rank that asks has not said what it had itself: the pass is not forgotten. */
function answer(state: State, to: number, message: Ask): Step<State> {
  const { dataset, pass } = message;
  const told = state.passes.get(keyOf(message))?.accounts;
  const ranks = [...state.gone].filter((rank) => !told?.has(rank));
  const absent = { type: "absent", dataset, pass, ranks } as const;
  const effects: Effect[] = [{ type: "send", to, message: absent }];
  return { state, effects, reason: null };
}

/** Whatever nobody is missing from. */
function tell(state: State): Step<State> {
  const passes = new Map(state.passes);
  const effects: Effect[] = [];
  const ranks = Array.from({ length: state.size }, (_, rank) => rank);
  for (const [key, { dataset, pass, accounts: told }] of state.passes) {
    if (ranks.some((rank) => !told.has(rank) && !state.gone.has(rank)))
      continue;
    passes.delete(key);
    const accounts = ranks.map((rank) => told.get(rank) ?? null);
    const message = { type: "accounted", dataset, pass, accounts } as const;
    for (const to of told.keys())
      if (!state.gone.has(to)) effects.push({ type: "send", to, message });
  }
  return { state: { ...state, passes }, effects, reason: null };
}
