import type { MessagePort } from "node:worker_threads";
import type {
  CoordinatorMessage,
  RankEnvironment,
  RankMessage,
  WireError,
} from "@tsmpi/protocol";
import type { ReaderOrder } from "./reader/reader-contract";

/** Handed to the coordinator thread when it starts. */
export interface CoordinatorThreadData {
  readonly environment: RankEnvironment;
  /** One word of shared memory, a `CoordinatorPhase`, which the host may wait for. */
  readonly phase: Int32Array;
  /** Carries one `CoordinatorReport`, before the phase leaves `starting`; and `HostMessage`s the other way. */
  readonly port: MessagePort;
}

/** What the program of rank 0 says to the coordinator's thread. */
export type HostMessage =
  /** It has ended: its process waits for the phase `over`. */
  | { readonly type: "ended"; readonly failed: boolean }
  | { readonly type: "read"; readonly order: ReaderOrder }
  /** About a stream to rank 0, which needs no socket. */
  | { readonly type: "say"; readonly message: RankMessage };

/** Of a stream to rank 0, for its program. */
export interface LocalDelivery {
  readonly message: Extract<
    CoordinatorMessage,
    { readonly type: "stream-piece" | "stream-end" }
  >;
  readonly payload: Uint8Array | null;
}

export const CoordinatorPhase = {
  starting: 0,
  started: 1,
  /** Every rank has left or failed. */
  over: 2,
} as const;

export type CoordinatorReport =
  | { readonly ok: true; readonly port: number }
  | { readonly ok: false; readonly error: WireError };
