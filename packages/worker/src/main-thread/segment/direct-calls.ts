import {
  allgatherDirect,
  alltoallDirect,
  broadcastDirect,
  type CallDescription,
  gatherDirect,
  scatterDirect,
  type SharedSegment,
  signature,
  type Steps,
} from "@tsmpi/collective";
import { bytesPerElement } from "@tsmpi/protocol";
import type { Calls } from "../../bridge/calls";

type Asked<Name extends keyof Calls> = Omit<
  Calls[Name]["arguments"],
  "context" | "number" | "timeoutMs"
>;

/** How a call that the communication thread would make is made in shared memory. */
type DirectCalls = {
  readonly [
    Name in "bcast" | "gather" | "allgather" | "scatter" | "alltoall"
  ]: (
    segment: SharedSegment,
    number: number,
    asked: Asked<Name>,
  ) => Steps<{ readonly received: Calls[Name]["result"] } | false>;
};

export const DIRECT_CALLS: DirectCalls = {
  bcast: (segment, number, { call, bytes, into }) =>
    broadcastDirect.run(segment, {
      ...{ number, signature: signature(call), root: call.root, bytes, into },
    }),
  gather: (segment, number, { call, bytes, into }) =>
    gatherDirect.run(segment, {
      ...{ number, signature: signature(call), root: call.root, bytes, into },
    }),
  allgather: (segment, number, { call, bytes, into }) =>
    allgatherDirect.run(segment, {
      ...{ number, signature: signature(call), root: null, bytes, into },
    }),
  *scatter(segment, number, { call, blocks, into }) {
    const made = yield* scatterDirect.run(segment, {
      ...{ number, signature: signature(call), blocks, givers: [call.root] },
      into: into && [into],
      blockBytes: bytesOfBlock(call),
    });
    return made && { received: made.received[0]! };
  },
  alltoall: (segment, number, { call, blocks, into }) =>
    alltoallDirect.run(segment, {
      ...{ number, signature: signature(call), blocks, into },
      givers: Array.from({ length: segment.block.size }, (_, rank) => rank),
      blockBytes: bytesOfBlock(call),
    }),
};

export type DirectName = keyof DirectCalls;

export const isDirectName = (name: keyof Calls): name is DirectName =>
  name in DIRECT_CALLS;

/**
 * Whether every rank can tell that what it gets fits: blocks of one length, or values. Else somebody may have to refuse what has
 * come when others are through.
 */
export const fitsForSure = ({
  call: { count, dtype = null },
  into,
}: {
  readonly call: CallDescription;
  readonly into: unknown;
}): boolean => count !== undefined || (dtype === null && into === null);

const bytesOfBlock = ({ count, dtype }: CallDescription): number | null =>
  count === undefined ? null : count * bytesPerElement(dtype!);
