import type {
  CoordinatorMessage,
  RankAddress,
  RankMessage,
} from "@tsmpi/protocol";

/**
 * A concern of the coordinator as a pure function: what happened, and when, goes in; the next state, what to do, and a sentence
 * for people come out. Services know nothing of sockets and clocks, and of each other only through what is announced.
 */
export interface Service<State> {
  readonly name: string;
  /** Message types that reach this service; each type has one. */
  readonly handles: readonly RankMessage["type"][];
  start(job: Job): State;
  step(state: State, event: ServiceEvent, nowMs: number): Step<State>;
}

/** What is known before the first rank joins. */
export interface Job {
  readonly size: number;
  readonly startTimeoutMs: number;
  readonly heartbeatTimeoutMs: number;
}

export type ServiceEvent =
  | {
      readonly type: "message";
      readonly rank: number;
      readonly message: RankMessage;
      readonly payload: Uint8Array | null;
    }
  | { readonly type: "announced"; readonly news: News }
  /** The program of rank 0 has ended, in whose process the coordinator lives. */
  | { readonly type: "host-ended"; readonly failed: boolean }
  /** The launcher has seen the end of this rank's process, which was no orderly one. */
  | { readonly type: "rank-ended"; readonly rank: number; readonly how: string }
  /** Comes a few times a second. */
  | { readonly type: "tick" };

/** What one service tells all others. */
export type News =
  | { readonly type: "assembled"; readonly addresses: readonly RankAddress[] }
  /** The rendezvous will never succeed. */
  | { readonly type: "dispersed" }
  /** This rank has left, or is lost. */
  | { readonly type: "gone"; readonly rank: number };

export type Effect =
  | {
      readonly type: "send";
      readonly to: number;
      readonly message: CoordinatorMessage;
      readonly payload?: Uint8Array | null;
    }
  | { readonly type: "announce"; readonly news: News }
  /** For the people at the root. */
  | { readonly type: "warn"; readonly text: string }
  /** Nobody needs the coordinator any more. */
  | { readonly type: "over" };

export interface Step<State> {
  readonly state: State;
  readonly effects: readonly Effect[];
  /** Why, for the log; null if nothing happened that anybody would want to read. */
  readonly reason: string | null;
}

export const nothing = <State>(state: State): Step<State> => ({
  state,
  effects: [],
  reason: null,
});

/** Ties a service's state to its functions, so that services of different states stand in one list. */
export interface RunningService {
  readonly name: string;
  readonly handles: readonly RankMessage["type"][];
  step(event: ServiceEvent, nowMs: number): Omit<Step<unknown>, "state">;
}

export function run<State>(service: Service<State>, job: Job): RunningService {
  let state = service.start(job);
  return {
    name: service.name,
    handles: service.handles,
    step(event, nowMs) {
      const { state: next, ...outcome } = service.step(state, event, nowMs);
      state = next;
      return outcome;
    },
  };
}
