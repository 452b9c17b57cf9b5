import { setOfRuns } from "@tsmpi/data";
import {
  errorToWire,
  type GivenSplit,
  MismatchError,
  type RankMessage,
} from "@tsmpi/protocol";
import { type Effect, nothing, type Service, type Step } from "../service";

type Ask = Extract<RankMessage, { readonly type: "split-ask" }>;
type Leave = Extract<RankMessage, { readonly type: "split-leave" }>;
type Delivered = Extract<RankMessage, { readonly type: "split-delivered" }>;

/** Ranks are given that part of what is left, shared out evenly, and in the end split by split. */
const PART_OF_SHARE = 1 / 4;

/** One pass of all ranks over a dataset. */
interface Pass {
  readonly dataset: number;
  readonly pass: number;
  readonly splits: number;
  /** What each rank that has asked takes the pass for. */
  readonly abouts: ReadonlyMap<number, string>;
  /** The first split that nobody has had. */
  readonly next: number;
  /** Of ranks that are lost, or have left: they go first. */
  readonly returned: readonly GivenSplit[];
  readonly held: ReadonlyMap<number, readonly GivenSplit[]>;
  /** Ranks that want a split, and have none. */
  readonly waiting: ReadonlyMap<number, { readonly waits: boolean }>;
  /** Ranks that take nothing more of it. */
  readonly left: ReadonlySet<number>;
}

interface State {
  readonly living: ReadonlySet<number>;
  readonly passes: ReadonlyMap<string, Pass>;
  /** Of each dataset the pass that all ranks have begun last: they are through with those before. */
  readonly latest: ReadonlyMap<number, number>;
}

/**
 * Hands out a dataset's splits to the ranks that ask, several at first and one at a time towards the end: who is faster asks more
 * often, and all are through within the time of one split (guided self-scheduling, Polychronopoulos and Kuck, 1987). What a rank
 * that is lost, or leaves, had and its program did not goes to others. A pass begins when every rank that lives has asked for it;
 * ranks that take it for different ones are all refused.
 */
export const splits: Service<State> = {
  name: "splits",
  handles: ["split-ask", "split-delivered", "split-leave"],
  start: ({ size }) => ({
    living: new Set(Array.from({ length: size }, (_, rank) => rank)),
    passes: new Map(),
    latest: new Map(),
  }),

  step(state, event) {
    if (event.type === "announced" && event.news.type === "gone")
      return lose(state, event.news.rank);
    if (event.type !== "message") return nothing(state);
    if (event.message.type === "split-ask")
      return ask(state, event.rank, event.message);
    if (event.message.type === "split-delivered")
      return deliver(state, event.rank, event.message);
    if (event.message.type === "split-leave")
      return leave(state, event.rank, event.message);
    return nothing(state);
  },
};

function ask(state: State, rank: number, message: Ask): Step<State> {
  const { dataset, pass, about, splits, waits } = message;
  // A pipeline that was left may read on for a while.
  if (pass < (state.latest.get(dataset) ?? 0))
    return { ...nothing(state), effects: [endFor(rank, message)] };
  const before = state.passes.get(keyOf(message)) ?? {
    ...{ dataset, pass, splits, next: 0, returned: [] },
    ...{ abouts: new Map(), held: new Map(), waiting: new Map() },
    left: new Set<number>(),
  };
  if (before.left.has(rank))
    return { ...nothing(state), effects: [endFor(rank, before)] };
  const now: Pass = {
    ...before,
    abouts: new Map(before.abouts).set(rank, about),
    waiting: new Map(before.waiting).set(rank, { waits }),
  };
  return new Set(now.abouts.values()).size > 1
    ? refuse(state, now)
    : serve(state, now);
}

/** What it has not delivered goes to others, as that of a lost rank does; the answer that it may wait for is the end. */
function leave(state: State, rank: number, message: Leave): Step<State> {
  const pass = state.passes.get(keyOf(message));
  if (pass === undefined) return nothing(state);
  const waiting = new Map(pass.waiting);
  const isAnswered = !waiting.delete(rank);
  const left = new Set(pass.left).add(rank);
  const step = serve(state, { ...withdraw(pass, rank), waiting, left });
  const effects = isAnswered ? [] : [endFor(rank, pass)];
  return { ...step, effects: [...step.effects, ...effects] };
}

const endFor = (
  to: number,
  { dataset, pass }: Pick<Pass, "dataset" | "pass">,
): Effect => ({
  ...{ type: "send", to },
  message: { type: "splits", dataset, pass, splits: [] },
});

/** Ends the waiting of all; whoever has not asked yet is refused when it does. */
function refuse(state: State, pass: Pass): Step<State> {
  const { dataset, pass: number, abouts } = pass;
  const each = [...abouts]
    .sort(([a], [b]) => a - b)
    .map(([rank, about]) => `rank ${rank}: ${about}`);
  const error = errorToWire(
    new MismatchError(
      `the ranks do not pass over the same records (${each.join("; ")}); open the same files with the same options on every rank, and begin the same epochs`,
    ),
  );
  return {
    state: put(state, { ...pass, waiting: new Map() }),
    effects: [...pass.waiting.keys()].map((to) => ({
      type: "send",
      to,
      message: { type: "split-refused", dataset, pass: number, error },
    })),
    reason: error.message,
  };
}

/** Gives whoever waits splits, or the end, if there is one to give. */
function serve(state: State, before: Pass): Step<State> {
  const { dataset, pass: number, abouts, splits } = before;
  if ([...state.living].some((rank) => !abouts.has(rank)))
    return nothing(put(state, before));
  let now = before;
  const effects: Effect[] = [];
  const give = (to: number, given: readonly GivenSplit[]): void => {
    const waiting = new Map(now.waiting);
    waiting.delete(to);
    const held = new Map(now.held);
    held.set(to, [...(held.get(to) ?? []), ...given]);
    now = { ...now, waiting, held };
    effects.push({
      type: "send",
      to,
      message: { type: "splits", dataset, pass: number, splits: given },
    });
  };
  /** Who has got none in this turn. */
  const without: Map<number, { readonly waits: boolean }> = new Map();
  for (const [rank, { waits }] of before.waiting) {
    const [given] = now.returned;
    if (given !== undefined) {
      now = { ...now, returned: now.returned.slice(1) };
      give(rank, [given]);
    } else if (now.next < splits) {
      const { next } = now;
      const share = (splits - next) / state.living.size;
      const count = Math.max(1, Math.floor(share * PART_OF_SHARE));
      now = { ...now, next: next + count };
      const fresh = Array.from({ length: count }, (_, i) => next + i);
      give(
        rank,
        fresh.map((split) => ({ split, had: [] })),
      );
    } else without.set(rank, { waits });
  }
  // What those that go without hold back themselves only comes when they hear of the end.
  const isOver = !mayComeBack(now, without);
  for (const [rank, { waits }] of without) if (!waits || isOver) give(rank, []);
  const begun = begin(state, dataset, number);
  return { state: put(begun, now), effects, reason: null };
}

const NOTHING = { isAll: false, runs: [] };

/**
 * Whether a rank works on a split, and could be lost with it. One that asks for more is through with what it had, but for what
 * its pipeline may hold back until it hears of the end.
 */
const mayComeBack = ({ held }: Pass, waiting: Pass["waiting"]): boolean =>
  [...held].some(([rank, splits]) => splits.length > 0 && !waiting.has(rank));

function deliver(state: State, rank: number, message: Delivered): Step<State> {
  const pass = state.passes.get(keyOf(message));
  const held = pass?.held.get(rank);
  if (pass === undefined || held === undefined) return nothing(state);
  const told = new Map(message.delivered.map((one) => [one.split, one]));
  const left = held.flatMap((one): GivenSplit[] => {
    const { isAll, runs } = told.get(one.split) ?? NOTHING;
    if (runs.length === 0 && !isAll) return [one];
    return isAll ? [] : [{ ...one, had: joinRuns(one.had, runs) }];
  });
  return serve(state, { ...pass, held: new Map(pass.held).set(rank, left) });
}

/** In ascending order, and as few as can be, in whatever order they come. */
const joinRuns = (a: readonly number[], b: readonly number[]) =>
  setOfRuns([[0, [...a, ...b]]])[0] ?? [];

function lose(state: State, rank: number): Step<State> {
  const living = new Set([...state.living].filter((other) => other !== rank));
  let step: Step<State> = nothing({ ...state, living });
  for (const pass of state.passes.values()) {
    const waiting = new Map(pass.waiting);
    waiting.delete(rank);
    const next = serve(step.state, { ...withdraw(pass, rank), waiting });
    step = { ...next, effects: [...step.effects, ...next.effects] };
  }
  return step;
}

/** Nobody has what this rank held. */
function withdraw(pass: Pass, rank: number): Pass {
  const held = new Map(pass.held);
  held.delete(rank);
  const returned = [...pass.returned, ...(pass.held.get(rank) ?? [])];
  return { ...pass, held, returned };
}

const keyOf = ({
  dataset,
  pass,
}: {
  readonly dataset: number;
  readonly pass: number;
}): string => `${dataset} ${pass}`;

const put = (state: State, pass: Pass): State => ({
  ...state,
  passes: new Map(state.passes).set(keyOf(pass), pass),
});

/** Everybody is in this pass. */
function begin(state: State, dataset: number, pass: number): State {
  const passes = new Map(
    [...state.passes].filter(
      ([, one]) => one.dataset !== dataset || one.pass >= pass,
    ),
  );
  return { ...state, passes, latest: new Map(state.latest).set(dataset, pass) };
}
