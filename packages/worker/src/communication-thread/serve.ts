import {
  bytesOf,
  dtypeOf,
  errorFromWire,
  TruncateError,
} from "@tsmpi/protocol";
import type { CallName, Calls } from "../bridge/calls";
import type { Rank } from "./rank";

type Servants = {
  readonly [Name in CallName]: (
    rank: Rank,
    args: Calls[Name]["arguments"],
  ) => Promise<Calls[Name]["result"]>;
};

/** What the communication thread does for each call of the main thread. */
export const SERVANTS: Servants = {
  start: async (rank) => rank.addresses,

  allreduce: (rank, { context, buffer, op }) =>
    rank.communicator(context).allreduce(buffer, op),

  reduce: (rank, { context, buffer, op, root }) =>
    rank.communicator(context).reduce(buffer, op, root),

  async bcast(rank, { context, bytes, buffer, root }) {
    const communicator = rank.communicator(context);
    const isRoot = communicator.rank === root;
    if (buffer === null) {
      const value = await communicator.bcast(bytes, root);
      return isRoot ? null : value;
    }
    const received = await communicator.bcast(
      isRoot ? bytesOf(buffer) : null,
      root,
      { dtype: dtypeOf(buffer)!, count: buffer.length },
    );
    if (received.byteLength !== buffer.byteLength)
      throw new TruncateError(
        `a broadcast of ${received.byteLength} bytes does not fit a buffer of ${buffer.byteLength}`,
      );
    if (!isRoot) bytesOf(buffer).set(received);
    return null;
  },

  gather: (rank, { context, bytes, dtype, root, as }) =>
    rank.communicator(context).gather(bytes, { root, dtype, as }),

  scatter: (rank, { context, blocks, dtype, root }) =>
    rank.communicator(context).scatter(blocks, { root, dtype }),

  allgather: (rank, { context, bytes, dtype, as }) =>
    rank.communicator(context).allgather(bytes, { dtype, as }),

  barrier: (rank, { context }) => rank.communicator(context).barrier(),

  refuse: (rank, { context, collective, error }) =>
    rank.communicator(context).refuse(collective, errorFromWire(error)),

  send: (rank, { context, dest, tag, bytes, dtype }) =>
    rank.communicator(context).send(dest, tag, bytes, dtype),

  receive: (rank, { context, source, tag }) =>
    rank.communicator(context).receive(source, tag),

  scatterRows: (rank, { blobs }) => rank.rows.scatter(blobs),
  receiveRows: (rank) => rank.rows.receive(),
  finalize: (rank) => rank.finalize(),
  fail: (rank, { error }) => rank.fail(error),
};
