import type { StatusMessage } from "@tsmpi/protocol";
import { exitCodeOf } from "./exit-codes";
import type { Failure, JobState } from "./job-state";

/** The facts of a run, as `--summary` writes them. What is not known is null. */
export interface Summary {
  readonly ranks: number;
  readonly exitCode: number;
  /** Of each rank; null for one that was never started. */
  readonly exitCodes: readonly (number | null)[];
  readonly wallSeconds: number;
  readonly engine: {
    readonly name: string;
    readonly device: string;
    readonly version: string;
  } | null;
  /** Over all ranks, in the last training run. */
  readonly samplesPerSecond: number | null;
  /** The part of the training time in which rank 0 was blocked in communication: 0 … 1. */
  readonly communicationShare: number | null;
  readonly firstFailure: {
    readonly rank: number;
    readonly pid: number | null;
    readonly exitCode: number;
    readonly signal: string | null;
    readonly stack: string | null;
  } | null;
}

export interface SummaryFacts {
  readonly state: JobState;
  readonly exitCode: number;
  readonly wallMs: number;
  /** Of all ranks, in the order of arrival. */
  readonly statuses: readonly StatusMessage[];
  readonly failure: Failure | null;
}

export function summarize({
  state,
  exitCode,
  wallMs,
  statuses,
  failure,
}: SummaryFacts): Summary {
  const engine = statuses.find((status) => status.type === "engine");
  const training = statuses.findLast((status) => status.type === "training");
  return {
    ranks: state.size,
    exitCode,
    exitCodes: state.ranks.map((rank) =>
      rank.phase === "ended" ? exitCodeOf(rank) : null,
    ),
    wallSeconds: wallMs / 1000,
    engine: engine
      ? { name: engine.name, device: engine.device, version: engine.version }
      : null,
    samplesPerSecond: training ? training.samples / training.seconds : null,
    communicationShare: training
      ? training.communicationSeconds / training.seconds
      : null,
    firstFailure: failure && {
      rank: failure.rank,
      pid: failure.pid,
      exitCode: exitCodeOf(failure),
      signal: failure.signal,
      stack: failure.stack,
    },
  };
}
