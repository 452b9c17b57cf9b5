import {
  errorToWire,
  ProcessFailedError,
  type RankAddress,
  type WireError,
} from "@tsmpi/protocol";
import {
  type Effect,
  type Job,
  type News,
  nothing,
  type Service,
  type Step,
} from "../service";

interface State {
  readonly job: Job;
  readonly members: ReadonlyMap<number, Member>;
  readonly lastTickMs: number | null;
  /** Of whoever was lost first. */
  readonly firstLoss: WireError | null;
}

/** A rank between the rendezvous and its end. */
interface Member {
  readonly address: RankAddress;
  readonly lastSeenMs: number;
  readonly phase: "running" | "leaving" | "released" | "lost";
  /** While it is leaving: ranks that have not yet received all that it sent. */
  readonly undrained: ReadonlySet<number>;
  /** Why it is lost; null if it is not. */
  readonly loss: WireError | null;
}

/** If our own tick is this late, we slept (SIGSTOP, a suspended laptop), and silence says nothing about the others. */
const OVERSLEPT_MS = 2_000;

/**
 * Who is there. A rank that is silent too long, says that it failed, or whose process has ended, is lost, and everybody is told. A rank that ends in
 * good order leaves: it is released when everybody has received all that it ever sent, so nothing it sent is lost with it.
 */
export const membership: Service<State> = {
  name: "membership",
  handles: ["heartbeat", "leave", "drained", "failed"],
  start: (job) => ({
    ...{ job, members: new Map(), lastTickMs: null, firstLoss: null },
  }),

  step(state, event, nowMs) {
    switch (event.type) {
      case "announced":
        return announced(state, event.news, nowMs);
      case "host-ended":
        return event.failed ? loseHost(state) : nothing(state);
      case "rank-ended":
        return ended(state, event.rank, event.how);
      case "tick":
        return tick(state, nowMs);
      case "message":
        break;
    }
    const { rank, message } = event;
    const member = state.members.get(rank);
    switch (message.type) {
      case "heartbeat":
        return heartbeat(state, rank, nowMs);
      case "leave":
        return member?.phase === "running"
          ? leave(state, rank, message.sent)
          : nothing(state);
      case "drained":
        return drained(state, rank, message.rank);
      case "failed":
        return member
          ? lose(state, rank, failureAfter(state, member, message.error))
          : nothing(state);
      case "join":
      case "memory":
      case "agree":
      case "stream-open":
      case "stream-piece":
      case "stream-end":
      case "stream-taken":
      case "stream-stop":
      case "split-ask":
      case "split-delivered":
      case "split-leave":
      case "account":
      case "absent-ask":
        return nothing(state);
    }
  },
};

function announced(state: State, news: News, nowMs: number): Step<State> {
  switch (news.type) {
    case "assembled":
      return nothing({ ...state, members: assemble(news.addresses, nowMs) });
    case "dispersed":
      return over(state);
    case "gone":
      return nothing(state);
  }
}

const assemble = (addresses: readonly RankAddress[], nowMs: number) =>
  new Map(
    addresses.map((address): [number, Member] => [
      address.rank,
      {
        address,
        lastSeenMs: nowMs,
        phase: "running",
        undrained: new Set(),
        loss: null,
      },
    ]),
  );

/** A rank that was taken for dead and speaks again hears that nobody counts on it any more. */
function heartbeat(state: State, rank: number, nowMs: number): Step<State> {
  const error = state.members.get(rank)?.loss;
  return {
    state: update(state, rank, { lastSeenMs: nowMs }),
    effects: [
      {
        type: "send",
        to: rank,
        message: error ? { type: "lost", rank, error } : { type: "heartbeat" },
      },
    ],
    reason: null,
  };
}

function tick(state: State, nowMs: number): Step<State> {
  const sinceTick = nowMs - (state.lastTickMs ?? nowMs);
  const slept = sinceTick > OVERSLEPT_MS ? sinceTick : 0;
  let next: State = { ...state, lastTickMs: nowMs };
  for (const [rank, { lastSeenMs }] of slept ? state.members : [])
    next = update(next, rank, { lastSeenMs: lastSeenMs + slept });

  for (const [rank, member] of next.members) {
    const silentMs = nowMs - member.lastSeenMs;
    if (isPresent(member) && silentMs > state.job.heartbeatTimeoutMs)
      return lose(next, rank, silence(member.address, silentMs));
  }
  return nothing(next);
}

/** A rank that said why it failed is lost already. */
function ended(state: State, rank: number, how: string): Step<State> {
  const address = state.members.get(rank)?.address;
  return address
    ? lose(state, rank, processEnded(address, how))
    : nothing(state);
}

/** Rank 0 takes the coordinator with it; if it has said why it failed, everybody knows already. */
function loseHost(state: State): Step<State> {
  const host = state.members.get(0);
  if (host === undefined) return over(state);
  const error = { code: "ERR_OTHER", message: "its program ended" };
  const step = lose(state, 0, failure(host.address, error));
  return { ...step, effects: [...step.effects, ...over(state).effects] };
}

function leave(
  state: State,
  rank: number,
  sent: readonly number[],
): Step<State> {
  const others = [...state.members].filter(
    ([other, member]) => other !== rank && isPresent(member),
  );
  const undrained = new Set(
    others.map(([other]) => other).filter((other) => (sent[other] ?? 0) > 0),
  );
  const news = others.map(([to]): Effect => ({
    type: "send",
    to,
    message: { type: "left", rank, sent: sent[to] ?? 0 },
  }));
  const step = release(update(state, rank, { phase: "leaving", undrained }));
  return {
    ...step,
    effects: [...news, gone(rank), ...step.effects],
    reason: `rank ${rank} leaves`,
  };
}

function drained(state: State, by: number, leaver: number): Step<State> {
  const member = state.members.get(leaver);
  if (member?.phase !== "leaving") return nothing(state);
  return release(update(state, leaver, { undrained: without(member, by) }));
}

function lose(state: State, rank: number, error: WireError): Step<State> {
  const member = state.members.get(rank);
  if (member === undefined || !isPresent(member)) return nothing(state);
  const lost = update(state, rank, { phase: "lost", loss: error });
  const next = withoutReader(
    { ...lost, firstLoss: state.firstLoss ?? error },
    rank,
  );
  const news = [...next.members]
    .filter(([, other]) => isPresent(other))
    .map(([to]): Effect => ({
      type: "send",
      to,
      message: { type: "lost", rank, error },
    }));
  const step = release(next);
  return {
    ...step,
    effects: [...news, gone(rank), ...step.effects],
    reason: error.message,
  };
}

/** Releases whoever is leaving and has been heard out; the last one ends the coordinator. */
function release(state: State): Step<State> {
  const free: number[] = [];
  let next = state;
  for (let rank = heardOut(next); rank !== undefined; rank = heardOut(next)) {
    free.push(rank);
    // It reads no more, so nobody need wait for it; which may free the next one.
    next = withoutReader(update(next, rank, { phase: "released" }), rank);
  }
  const releases = free.map((to): Effect => ({
    type: "send",
    to,
    message: { type: "released" },
  }));
  const end = [...next.members.values()].some(isPresent)
    ? []
    : over(next).effects;
  return { state: next, effects: [...releases, ...end], reason: null };
}

const gone = (rank: number): Effect => ({
  type: "announce",
  news: { type: "gone", rank },
});

const over = (state: State): Step<State> => ({
  state,
  effects: [{ type: "over" }],
  reason: null,
});

const isPresent = ({ phase }: Pick<Member, "phase">): boolean =>
  phase === "running" || phase === "leaving";

const heardOut = ({ members }: State): number | undefined =>
  [...members].find(
    ([, { phase, undrained }]) => phase === "leaving" && !undrained.size,
  )?.[0];

/** `rank` will not receive anything more. */
function withoutReader(state: State, rank: number): State {
  let next = state;
  for (const [other, { undrained }] of state.members)
    if (undrained.has(rank))
      next = update(next, other, { undrained: without({ undrained }, rank) });
  return next;
}

const without = (
  { undrained }: Pick<Member, "undrained">,
  rank: number,
): ReadonlySet<number> =>
  new Set([...undrained].filter((other) => other !== rank));

function update(state: State, rank: number, change: Partial<Member>): State {
  const member = state.members.get(rank);
  if (member === undefined) return state;
  const members = new Map(state.members).set(rank, { ...member, ...change });
  return { ...state, members };
}

const person = ({ rank, host, pid }: RankAddress): string =>
  `rank ${rank} (${host}, pid ${pid})`;

const silence = (address: RankAddress, silentMs: number): WireError =>
  errorToWire(
    new ProcessFailedError(
      `no heartbeat from ${person(address)} for ${Math.round(silentMs)} ms`,
      [address.rank],
    ),
  );

const processEnded = (address: RankAddress, how: string): WireError =>
  errorToWire(
    new ProcessFailedError(`${person(address)} ${how}`, [address.rank]),
  );

/** Where another rank was lost before, that may be why: whoever hears of this one only is told. */
function failureAfter(
  { firstLoss }: State,
  { address }: Member,
  error: WireError,
): WireError {
  const own = failure(address, error);
  return firstLoss === null
    ? own
    : { ...own, message: `${own.message}; before that: ${firstLoss.message}` };
}

const failure = (address: RankAddress, error: WireError): WireError =>
  errorToWire(
    new ProcessFailedError(`${person(address)} failed: ${error.message}`, [
      address.rank,
    ]),
  );
