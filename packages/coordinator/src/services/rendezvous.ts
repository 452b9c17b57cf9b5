import {
  PROTOCOL_VERSION,
  type RankAddress,
  type RankMessage,
  RendezvousError,
  type TsmpiError,
  errorToWire,
  VersionError,
} from "@tsmpi/protocol";
import {
  type Effect,
  type Job,
  nothing,
  type Service,
  type Step,
} from "../service";

interface State {
  readonly job: Job;
  readonly joined: ReadonlyMap<number, RankAddress>;
  readonly firstJoinMs: number | null;
  readonly phase: "waiting" | "assembled" | "dispersed";
  /** Why not all can come any more; null as long as they can. */
  readonly hopeless: RendezvousError | null;
}

type Join = Extract<RankMessage, { type: "join" }>;

/** Collects one `join` of every rank, then tells everybody where everybody listens; or, at the deadline, who is missing. */
export const rendezvous: Service<State> = {
  name: "rendezvous",
  handles: ["join"],
  start: (job) => ({
    job,
    joined: new Map(),
    firstJoinMs: null,
    phase: "waiting",
    hopeless: null,
  }),

  step(state, event, nowMs) {
    if (event.type === "message" && event.message.type === "join")
      return join(state, event.rank, event.message, nowMs);
    if (event.type === "tick" && isLate(state, nowMs))
      return disperse(state, late(state));
    if (event.type === "rank-ended" && state.phase === "waiting")
      return giveUp(state, rankEnded(event.rank, event.how));
    if (event.type === "host-ended" && state.phase === "waiting")
      return disperse(state, hostEnded(event.failed));
    return nothing(state);
  },
};

function join(
  state: State,
  rank: number,
  message: Join,
  nowMs: number,
): Step<State> {
  const problem = problemWith(state, rank, message);
  if (problem) return refuse(state, rank, problem);

  const joined = new Map(state.joined).set(rank, message.address);
  const next = { ...state, joined, firstJoinMs: state.firstJoinMs ?? nowMs };
  if (joined.size < state.job.size) return nothing(next);

  const addresses = [...joined.values()].sort((a, b) => a.rank - b.rank);
  const welcomes = addresses.map((address): Effect => ({
    type: "send",
    to: address.rank,
    message: { type: "welcome", addresses },
  }));
  return {
    state: { ...next, phase: "assembled" },
    effects: [
      ...welcomes,
      { type: "announce", news: { type: "assembled", addresses } },
    ],
    reason: `all ${state.job.size} ranks have joined`,
  };
}

/** Why this rank cannot join; null if it can. */
function problemWith(
  { job, joined, phase, hopeless }: State,
  rank: number,
  { version, size, address }: Join,
): TsmpiError | null {
  if (version !== PROTOCOL_VERSION)
    return new VersionError(
      `rank ${rank} (${address.host}, pid ${address.pid}) speaks protocol version ${version}, the coordinator ${PROTOCOL_VERSION}; install the same tsmpi version everywhere`,
    );
  if (size !== job.size)
    return new RendezvousError(
      `rank ${rank} was started with WORLD_SIZE=${size}, the coordinator with ${job.size}`,
    );
  if (rank !== address.rank || rank < 0 || rank >= job.size)
    return new RendezvousError(
      `rank ${rank} is not one of the ${job.size} ranks of this job`,
    );
  const other = joined.get(rank);
  if (other)
    return new RendezvousError(
      `two processes say they are rank ${rank}: pid ${other.pid} on ${other.host} and pid ${address.pid} on ${address.host}`,
    );
  if (hopeless) return hopeless;
  if (phase !== "waiting")
    return new RendezvousError(
      "the rendezvous of this job has ended without all ranks",
    );
  return null;
}

const refuse = (
  state: State,
  rank: number,
  error: TsmpiError,
): Step<State> => ({
  state,
  effects: [refusal(rank, error)],
  reason: error.message,
});

const refusal = (to: number, error: TsmpiError): Effect => ({
  type: "send",
  to,
  message: { type: "refused", error: errorToWire(error) },
});

const isLate = (
  { firstJoinMs, phase, hopeless, job }: State,
  nowMs: number,
): boolean =>
  phase === "waiting" &&
  hopeless === null &&
  firstJoinMs !== null &&
  nowMs - firstJoinMs >= job.startTimeoutMs;

/** Names who is missing. */
function late({ job, joined }: State): RendezvousError {
  const missing = Array.from({ length: job.size }, (_, rank) => rank).filter(
    (rank) => !joined.has(rank),
  );
  return new RendezvousError(
    `${missing.length === 1 ? "rank" : "ranks"} ${missing.join(", ")} did not join within ${job.startTimeoutMs / 1000} s (joined: ${[...joined.keys()].sort((a, b) => a - b).join(", ")}); every rank must use MPI.COMM_WORLD, or raise --start-timeout`,
  );
}

const hostEnded = (failed: boolean): RendezvousError =>
  new RendezvousError(
    `rank 0 ${failed ? "failed" : "ended its program"} before all ranks had joined; every rank must use MPI.COMM_WORLD`,
  );

const rankEnded = (rank: number, how: string): RendezvousError =>
  new RendezvousError(`rank ${rank} ${how} before all ranks had joined`);

/** Whoever has joined is refused, and whoever still comes. */
const giveUp = (state: State, error: RendezvousError): Step<State> => ({
  state: { ...state, hopeless: error },
  effects: [...state.joined.keys()].map((rank) => refusal(rank, error)),
  reason: error.message,
});

/** Whoever has joined is refused after all. */
function disperse(state: State, error: RendezvousError): Step<State> {
  return {
    state: { ...state, phase: "dispersed" },
    effects: [
      ...[...state.joined.keys()].map((rank) => refusal(rank, error)),
      { type: "announce", news: { type: "dispersed" } },
    ],
    reason: error.message,
  };
}
