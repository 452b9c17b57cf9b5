import { type Effect, nothing, type Service, type Step } from "../service";

/** Chunks for one rank that may be under way at a time: enough to hide the round trip, little enough to hold in memory. */
export const WINDOW_CHUNKS = 4;

/** The root of each scatter under way. */
type State = ReadonlyMap<number, { readonly root: number }>;

/**
 * Streams rows from the root to the other ranks. The coordinator holds at most `WINDOW_CHUNKS` chunks a rank: the root sends
 * one only when it has a credit for that rank, and a credit comes back when the rank has stored a chunk.
 */
export const scatter: Service<State> = {
  name: "scatter",
  handles: ["scatter-open", "scatter-chunk", "scatter-stored"],
  start: () => new Map(),

  step(state, event) {
    if (event.type !== "message") return nothing(state);
    const { rank, message, payload } = event;
    switch (message.type) {
      case "scatter-open": {
        const { scatter: id, dest, bytes } = message;
        return does(new Map(state).set(id, { root: rank }), [
          {
            type: "send",
            to: dest,
            message: { type: "scatter-open", scatter: id, bytes },
          },
          credit(rank, id, dest, WINDOW_CHUNKS),
        ]);
      }
      case "scatter-chunk":
        return does(state, [
          {
            type: "send",
            to: message.dest,
            message: { type: "scatter-chunk", scatter: message.scatter },
            payload,
          },
        ]);
      case "scatter-stored": {
        const root = state.get(message.scatter)?.root;
        return root === undefined
          ? nothing(state)
          : does(state, [credit(root, message.scatter, rank, 1)]);
      }
      case "join":
      case "memory":
      case "agree":
      case "heartbeat":
      case "leave":
      case "drained":
      case "failed":
        return nothing(state);
    }
  },
};

const credit = (
  root: number,
  id: number,
  dest: number,
  chunks: number,
): Effect => ({
  type: "send",
  to: root,
  message: { type: "scatter-credit", scatter: id, dest, chunks },
});

const does = (state: State, effects: readonly Effect[]): Step<State> => ({
  state,
  effects,
  reason: null,
});
