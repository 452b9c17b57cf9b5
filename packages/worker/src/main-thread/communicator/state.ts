import type { Forced } from "@tsmpi/collective";
import { contextOf } from "../../bridge/calls";
import type { Runtime } from "../runtime";
import type { SegmentCommunicator } from "../segment/segment-communicator";

/** What makes a communicator on one rank. */
export interface CommunicatorState {
  readonly runtime: Runtime;
  /** The same number on all its ranks, unique in the job. */
  readonly context: number;
  /** World rank of each rank. */
  readonly group: readonly number[];
  /** This process in the communicator. */
  readonly rank: number;
  /** A collective that has not ended by then raises on every rank. */
  timeoutMs: number;
  /** Agreements (ULFM) that have been begun. */
  agreements: number;
  /** Number of the next collective. */
  readonly calls: { next: number };
  /** Where its ranks meet, if they share memory. */
  readonly segment: SegmentCommunicator | null;
  /** Algorithms that its calls are to use. */
  readonly forced: Forced;
  /** COMM_WORLD and COMM_SELF stay. */
  readonly isPredefined?: boolean;
}

/** A communicator of these world ranks, to which its first one has given a number of its own. */
export function newState(
  {
    runtime,
    timeoutMs,
    forced,
  }: Pick<CommunicatorState, "runtime" | "timeoutMs" | "forced">,
  {
    group,
    number,
  }: { readonly group: readonly number[]; readonly number: number },
): CommunicatorState {
  return {
    runtime,
    timeoutMs,
    forced,
    group,
    context: contextOf(group[0]!, number),
    rank: group.indexOf(runtime.environment.rank),
    agreements: 0,
    calls: { next: 0 },
    segment: runtime.segmentOf(group, number),
  };
}
