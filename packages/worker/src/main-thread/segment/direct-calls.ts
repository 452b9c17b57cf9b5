import {
  allgatherDirect,
  alltoallDirect,
  barrierDirect,
  broadcastDirect,
  type CallDescription,
  type Collective,
  type DirectCall,
  gatherDirect,
  ranksOf,
  scatterDirect,
  type SharedSegment,
  type Steps,
} from "@tsmpi/collective";
import { bytesPerElement } from "@tsmpi/protocol";
import type { Calls } from "../../bridge/calls";

/** Calls that are numbered in their communicator. */
export type CollectiveCalls = {
  [Name in keyof Calls]: Calls[Name]["arguments"] extends {
    readonly call: CallDescription;
  }
    ? Name
    : never;
}[keyof Calls];

/** What a call says besides where and when it is made. */
export type OfCall<Name extends CollectiveCalls> = Omit<
  Calls[Name]["arguments"],
  "context" | "number" | "timeoutMs"
>;

/**
 * What a call gives that was made in shared memory. In its place true: nothing, or what lies in buffers already; false: it is to be
 * made over the network after all.
 */
export interface Made<Result = unknown> {
  readonly received: Result;
}

/** How a call is made in shared memory. */
interface Direct<Result> {
  readonly collective: Collective;
  readonly run: (
    segment: SharedSegment,
    call: DirectCall,
  ) => Steps<Made<Result> | boolean>;
}

/**
 * How a call that the communication thread would make is made in shared memory; null: it is not. Calls that are not named here
 * never are, or are tried there before their arguments for the communication thread are made: reductions of buffers.
 */
type DirectCalls = {
  readonly [Name in CollectiveCalls]?: (
    asked: OfCall<Name>,
  ) => Direct<Calls[Name]["result"]> | null;
};

export const DIRECT_CALLS: DirectCalls = {
  bcast: ({ call, bytes, into }) =>
    fitsForSure(call, into)
      ? {
          collective: "bcast",
          run: (segment, about) =>
            broadcastDirect.run(segment, {
              ...{ ...about, root: call.root, bytes, into },
            }),
        }
      : null,
  gather: ({ call, bytes, into }) => ({
    collective: "gather",
    run: (segment, about) =>
      gatherDirect.run(segment, {
        ...{ ...about, root: call.root, bytes, into },
        fitsForSure: fitsForSure(call, into),
      }),
  }),
  allgather: ({ call, bytes, into }) => ({
    collective: "allgather",
    run: (segment, about) =>
      allgatherDirect.run(segment, {
        ...{ ...about, root: null, bytes, into },
        fitsForSure: fitsForSure(call, into),
      }),
  }),
  scatter: ({ call, blocks, into }) => ({
    collective: "scatter",
    *run(segment, about) {
      const all = yield* scatterDirect.run(segment, {
        ...{ ...about, blocks, givers: [call.root] },
        into: into && [into],
        blockBytes: bytesOfBlock(call),
        fitsForSure: fitsForSure(call, into),
      });
      return all && { received: all.received[0]! };
    },
  }),
  alltoall: ({ call, blocks, into }) => ({
    collective: "alltoall",
    run: (segment, about) =>
      alltoallDirect.run(segment, {
        ...{ ...about, blocks, into, givers: ranksOf(segment.block) },
        blockBytes: bytesOfBlock(call),
        fitsForSure: fitsForSure(call, into),
      }),
  }),
  barrier: () => ({
    collective: "barrier",
    run: (segment, about) => barrierDirect.run(segment, about),
  }),
};

/**
 * Whether what comes fits where it goes: blocks of one length, or values. Else all ranks have to see that before one of them takes
 * anything: when others are through nobody can refuse any more. The same on every rank.
 */
const fitsForSure = (
  { count, dtype = null }: CallDescription,
  into: unknown,
): boolean => count !== undefined || (dtype === null && into === null);

const bytesOfBlock = ({ count, dtype }: CallDescription): number | null =>
  count === undefined ? null : count * bytesPerElement(dtype!);
