import type { RankMessage } from "@tsmpi/protocol";
import { type Effect, nothing, type Service, type Step } from "../service";

interface Stream {
  /** Who makes its pieces: a rank, or `READER`. */
  readonly root: number;
  /** Ranks that still want some. */
  readonly dests: ReadonlySet<number>;
}

interface State {
  readonly streams: ReadonlyMap<string, Stream>;
  /** Ranks that have stopped a stream before it was opened. */
  readonly stopped: ReadonlyMap<string, ReadonlySet<number>>;
  readonly gone: ReadonlySet<number>;
}

/**
 * Streams of pieces from a root to other ranks, without a length that is known. The coordinator holds at most a window of
 * them for a rank: the root sends one only when it has a credit for that rank, and a credit comes back when the rank is through with
 * a piece. So a rank that takes none holds back the root, and no memory fills up.
 */
export const streams: Service<State> = {
  name: "streams",
  handles: [
    ...(["stream-open", "stream-piece", "stream-end"] as const),
    ...(["stream-taken", "stream-stop"] as const),
  ],
  start: () => ({ streams: new Map(), stopped: new Map(), gone: new Set() }),

  step(state, event) {
    if (event.type === "announced" && event.news.type === "gone")
      return lose(state, event.news.rank);
    if (event.type !== "message") return nothing(state);
    const { rank, message, payload } = event;
    switch (message.type) {
      case "stream-open":
        return open(state, rank, message);
      case "stream-piece":
        return pass(state, message.dest, message, payload);
      case "stream-end": {
        const step = pass(state, message.dest, message, null);
        return { ...step, state: without(state, message.stream, message.dest) };
      }
      case "stream-taken":
        return credit(state, rank, message);
      case "stream-stop":
        return stop(state, rank, message.stream);
      case "join":
      case "memory":
      case "agree":
      case "heartbeat":
      case "leave":
      case "drained":
      case "failed":
      case "split-ask":
      case "split-delivered":
      case "split-leave":
      case "account":
      case "absent-ask":
        return nothing(state);
    }
  },
};

type Message<Type extends RankMessage["type"]> = Extract<
  RankMessage,
  { readonly type: Type }
>;

function open(
  state: State,
  root: number,
  { stream, dests, window }: Message<"stream-open">,
): Step<State> {
  const early = state.stopped.get(stream) ?? NOBODY;
  const wants = (dest: number) => !early.has(dest) && !state.gone.has(dest);
  const stopped = new Map(state.stopped);
  stopped.delete(stream);
  const open: Stream = { root, dests: new Set(dests.filter(wants)) };
  return {
    state: { ...put(state, stream, open), stopped },
    effects: dests.map((dest) => ({
      type: "send",
      to: root,
      message: wants(dest)
        ? { type: "stream-credit", stream, dest, pieces: window }
        : { type: "stream-stopped", stream, dest },
    })),
    reason: null,
  };
}

/** To a rank that still wants it. */
function pass(
  state: State,
  dest: number,
  message: Message<"stream-piece" | "stream-end">,
  payload: Uint8Array | null,
): Step<State> {
  if (!state.streams.get(message.stream)?.dests.has(dest))
    return nothing(state);
  const { dest: _, ...passed } = message;
  return does(state, [{ type: "send", to: dest, message: passed, payload }]);
}

function credit(
  state: State,
  dest: number,
  { stream, pieces }: Message<"stream-taken">,
): Step<State> {
  const open = state.streams.get(stream);
  if (!open?.dests.has(dest)) return nothing(state);
  const message = { type: "stream-credit", stream, dest, pieces } as const;
  return does(state, [{ type: "send", to: open.root, message }]);
}

/** The rank hears that nothing more is on its way. */
function stop(state: State, dest: number, stream: string): Step<State> {
  const answer = stoppedBy(stream, dest, dest);
  const open = state.streams.get(stream);
  if (open === undefined) {
    const ranks = new Set(state.stopped.get(stream)).add(dest);
    const stopped = new Map(state.stopped).set(stream, ranks);
    return does({ ...state, stopped }, [answer]);
  }
  if (!open.dests.has(dest)) return does(state, [answer]);
  return does(without(state, stream, dest), [
    ...[answer, stoppedBy(stream, dest, open.root)],
  ]);
}

/** Its streams end; those of others go on without it. */
function lose(state: State, rank: number): Step<State> {
  let next: State = { ...state, gone: new Set(state.gone).add(rank) };
  const effects: Effect[] = [];
  for (const [stream, { root, dests }] of state.streams)
    if (root === rank) next = put(next, stream, { root, dests: NOBODY });
    else if (dests.has(rank)) {
      next = without(next, stream, rank);
      effects.push(stoppedBy(stream, rank, root));
    }
  return does(next, effects);
}

const NOBODY: ReadonlySet<number> = new Set();

const stoppedBy = (stream: string, dest: number, to: number): Effect => ({
  ...{ type: "send", to },
  message: { type: "stream-stopped", stream, dest },
});

/** A stream that nobody wants any more is forgotten. */
function put(state: State, stream: string, open: Stream): State {
  const streams = new Map(state.streams).set(stream, open);
  if (open.dests.size === 0) streams.delete(stream);
  return { ...state, streams };
}

function without(state: State, stream: string, dest: number): State {
  const open = state.streams.get(stream);
  if (open === undefined) return state;
  const dests = new Set([...open.dests].filter((other) => other !== dest));
  return put(state, stream, { ...open, dests });
}

const does = (state: State, effects: readonly Effect[]): Step<State> => ({
  state,
  effects,
  reason: null,
});
