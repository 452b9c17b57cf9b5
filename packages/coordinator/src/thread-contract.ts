import type { MessagePort } from "node:worker_threads";
import type { RankEnvironment, WireError } from "@tsmpi/protocol";

/** Handed to the coordinator thread when it starts. */
export interface CoordinatorThreadData {
  readonly environment: RankEnvironment;
  /** One word of shared memory, a `CoordinatorPhase`, which the host may wait for. */
  readonly phase: Int32Array;
  /** Carries one `CoordinatorReport`, before the phase leaves `starting`; and one `HostEnded` the other way. */
  readonly port: MessagePort;
}

/** The program of rank 0 has ended: its process waits for the phase `over`. */
export interface HostEnded {
  readonly failed: boolean;
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
