import type { RankMessage } from "@tsmpi/protocol";
import { type Effect, nothing, type Service, type Step } from "../service";

type Account = Extract<RankMessage, { readonly type: "account" }>;

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
  handles: ["account"],
  start: ({ size }) => ({ size, gone: new Set(), passes: new Map() }),

  step(state, event) {
    if (event.type === "announced" && event.news.type === "gone")
      return tell({ ...state, gone: new Set(state.gone).add(event.news.rank) });
    if (event.type !== "message" || event.message.type !== "account")
      return nothing(state);
    return tell(enter(state, event.rank, event.message));
  },
};

function enter(state: State, rank: number, message: Account): State {
  const { dataset, pass, account } = message;
  const key = `${dataset} ${pass}`;
  const accounts = new Map(state.passes.get(key)?.accounts).set(rank, account);
  const passes = new Map(state.passes).set(key, { dataset, pass, accounts });
  return { ...state, passes };
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
