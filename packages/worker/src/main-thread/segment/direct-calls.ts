import {
  allgatherDirect,
  alltoallDirect,
  barrierDirect,
  broadcastDirect,
  type CallDescription,
  type Collective,
  type DirectCall,
  gatherDirect,
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
    fitsForSure(call, into) && {
      collective: "bcast",
      run: (segment, about) =>
        broadcastDirect.run(segment, {
          ...{ ...about, root: call.root, bytes, into },
        }),
    },
  gather: ({ call, bytes, into }) =>
    fitsForSure(call, into) && {
      collective: "gather",
      run: (segment, about) =>
        gatherDirect.run(segment, {
          ...{ ...about, root: call.root, bytes, into },
        }),
    },
  allgather: ({ call, bytes, into }) =>
    fitsForSure(call, into) && {
      collective: "allgather",
      run: (segment, about) =>
        allgatherDirect.run(segment, { ...about, root: null, bytes, into }),
    },
  scatter: ({ call, blocks, into }) =>
    fitsForSure(call, into) && {
      collective: "scatter",
      *run(segment, about) {
        const all = yield* scatterDirect.run(segment, {
          ...{ ...about, blocks, givers: [call.root] },
          into: into && [into],
          blockBytes: bytesOfBlock(call),
        });
        return all && { received: all.received[0]! };
      },
    },
  alltoall: ({ call, blocks, into }) =>
    fitsForSure(call, into) && {
      collective: "alltoall",
      run: (segment, about) =>
        alltoallDirect.run(segment, {
          ...{ ...about, blocks, into, blockBytes: bytesOfBlock(call) },
          givers: Array.from({ length: segment.block.size }, (_, rank) => rank),
        }),
    },
  barrier: () => ({
    collective: "barrier",
    run: (segment, about) => barrierDirect.run(segment, about),
  }),
};

/**
 * Whether every rank can tell that what it gets fits: blocks of one length, or values. Else somebody may have to refuse what has
 * come when others are through.
 */
const fitsForSure = (
  { count, dtype = null }: CallDescription,
  into: unknown,
): true | null =>
  count !== undefined || (dtype === null && into === null) ? true : null;

const bytesOfBlock = ({ count, dtype }: CallDescription): number | null =>
  count === undefined ? null : count * bytesPerElement(dtype!);
