import type { AboutCall } from "@tsmpi/collective";
import { CountError, errorFromWire, TruncateError } from "@tsmpi/protocol";
import type { Blocks, CallName, Calls } from "../bridge/calls";
import type { Rank } from "./rank";

type Servants = {
  readonly [Name in CallName]: (
    rank: Rank,
    args: Calls[Name]["arguments"],
    about: AboutCall,
  ) => Promise<Calls[Name]["result"]>;
};

/** What the communication thread does for each call of the main thread. */
export const SERVANTS: Servants = {
  start: async (rank) => rank.addresses,
  open: async (rank, { context, group, rank: own, forced }) =>
    rank.openCommunicator(context, group, own, forced),
  share: async (rank, place) => rank.share(place),
  meet: async (rank, place) => rank.meet(place),
  free: (rank, { context }) => rank.freeCommunicator(context),
  revoke: (rank, { context }) => rank.revoke(context),

  allreduce: (rank, { context, call, buffer, manner }, about) =>
    rank.communicator(context).allreduce(call, buffer, about, manner),
  reduce: (rank, { context, call, buffer }, about) =>
    rank.communicator(context).reduce(call, buffer, about),
  reduceScatter: (rank, { context, call, buffer, counts }, about) =>
    rank.communicator(context).reduceScatter(call, buffer, counts, about),
  scan: (rank, { context, call, buffer }, about) =>
    rank.communicator(context).scan(call, buffer, about),
  exscan: (rank, { context, call, buffer }, about) =>
    rank.communicator(context).exscan(call, buffer, about),

  bcast(rank, { context, call, bytes, into }, about) {
    const communicator = rank.communicator(context);
    const isRoot = communicator.rank === call.root;
    return communicator.bcast(call, bytes, about, (received) =>
      isRoot ? null : received && put(received, into, call.root),
    );
  },
  gather: (rank, { context, call, bytes, into }, about) =>
    rank
      .communicator(context)
      .gather(call, bytes, about, (blocks) => blocks && putAll(blocks, into)),
  scatter: (rank, { context, call, blocks, into }, about) =>
    rank
      .communicator(context)
      .scatter(call, blocks, about, (block) => put(block, into, call.root)),
  allgather: (rank, { context, call, bytes, into }, about) =>
    rank
      .communicator(context)
      .allgather(call, bytes, about, (blocks) => putAll(blocks, into)),
  alltoall: (rank, { context, call, blocks, into }, about) =>
    rank
      .communicator(context)
      .alltoall(call, blocks, about, (received) => putAll(received, into)),
  exchange: (rank, { context, call, into, ...neighbors }, about) =>
    rank
      .communicator(context)
      .exchange(call, neighbors, about, (blocks) =>
        putAll(blocks, into, neighbors.sources),
      ),
  barrier: (rank, { context, call }, about) =>
    rank.communicator(context).barrier(call, about),
  watch: (rank, { context, call, waitedMs }, about) =>
    rank.communicator(context).watch(call, { ...about, waitedMs }),
  endWatch: async (rank, { context, number, isMade }) =>
    rank.communicator(context).endWatch(number, isMade),
  refuse: (rank, { context, call, error }, about) =>
    rank.communicator(context).refuse(call, errorFromWire(error), about),

  agree: (rank, question) => rank.agree(question),

  scatterBytes: (rank, { stream, blobs }) =>
    rank.streams.outgoing.scatter(stream, blobs),
  receiveBytes: (rank, { stream, into }) =>
    rank.streams.incoming.receiveInto(stream, into),
  receivePiece: (rank, { stream, into }) =>
    rank.streams.incoming.receive(stream, into),
  stopStream: (rank, { stream }) => rank.streams.incoming.stop(stream),
  askSplits: (rank, question) => rank.questions.askSplits(question),
  splitLeft: (rank, left) => rank.questions.left(left),
  splitDelivered: (rank, delivered) => rank.questions.delivered(delivered),
  account: (rank, question) => rank.questions.account(question),
  absent: (rank, question) => rank.questions.absent(question),
  finalize: (rank) => rank.finalize(),
  fail: (rank, { error }) => rank.fail(error),
};

/** A view would take all of its memory along to the other thread. */
const alone = (bytes: Uint8Array): Uint8Array =>
  bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();

/** Into the caller's memory, if it has given some; else the bytes are the result. */
function put(
  bytes: Uint8Array,
  into: Uint8Array | null,
  source: number,
): Uint8Array | null {
  if (into === null) return alone(bytes);
  if (bytes.byteLength > into.byteLength)
    throw new TruncateError(
      `the block from rank ${source} has ${bytes.byteLength} bytes and does not fit a receive buffer of ${into.byteLength}`,
    );
  if (bytes.byteLength < into.byteLength)
    throw new CountError(
      `the block from rank ${source} has ${bytes.byteLength} bytes; ${into.byteLength} were expected`,
    );
  into.set(bytes);
  return null;
}

/** @param sources ranks of the communicator; by default block r is rank r's */
function putAll(
  blocks: Blocks,
  into: Blocks | null,
  sources?: readonly number[],
): Blocks | null {
  if (into === null) return blocks.map(alone);
  blocks.forEach((block, i) => void put(block, into[i]!, sources?.[i] ?? i));
  return null;
}
