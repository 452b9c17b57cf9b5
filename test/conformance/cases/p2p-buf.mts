import { MPI } from "tsmpi";
import {
  equal,
  isFalse,
  isLive,
  isNull,
  isOneOf,
  isTrue,
  throws,
  until,
} from "../check.mts";
import type { Comm, Context, Suite } from "../suite.mts";
import {
  type Kind,
  KINDS,
  type Message,
  type NumberArray,
} from "../arrays.mts";
import { range, spread } from "../support/loops.mts";

type Persistent = ReturnType<Comm["Send_init"]>;

const neighbours = ({ rank, size }: Context) => ({
  next: (rank + 1) % size,
  previous: (rank + size - 1) % size,
});

/** Every kind of buffer, and every length from 0 to the number of ranks. */
const buffers = ({ size }: Context): [Kind, number][] =>
  spread(KINDS, range(size + 1), 2);

/** `length` elements of `value`, and `extra` that no message has touched. */
function assertFilled(
  kind: Kind,
  buffer: NumberArray,
  { value, length, extra }: { value: number; length: number; extra: number },
): void {
  const what = `${kind.name} × ${length}`;
  equal(buffer.slice(0, length), kind.filled(length, value), what);
  equal(buffer.slice(length), kind.filled(extra, UNTOUCHED), what);
}

/** Every element type has it. */
const UNTOUCHED = 99;

function withAttachedBuffer(bytes: number, body: () => void): void {
  MPI.Attach_buffer(MPI.Alloc_mem(Uint8Array, bytes + MPI.BSEND_OVERHEAD));
  try {
    body();
  } finally {
    MPI.Free_mem(MPI.Detach_buffer() as Uint8Array);
  }
}

/** Around the ring with persistent requests that `use` starts and completes; the receive buffer may be longer. */
function persistently(
  context: Context,
  init: (message: Message, dest: number) => Persistent,
  use: (send: Persistent, receive: Persistent) => void = (send, receive) => {
    send.Start();
    receive.Start();
    send.Wait();
    receive.Wait();
  },
  peers = neighbours(context),
): void {
  for (const [kind, length] of buffers(context))
    for (const extra of [0, 1, 2]) {
      const receiveBuffer = kind.filled(length + extra, UNTOUCHED);
      const send = init(kind.message(kind.filled(length, length)), peers.next);
      const receive = context.comm.Recv_init(
        kind.message(receiveBuffer),
        peers.previous,
        0,
      );
      use(send, receive);
      isFalse(send.equals(MPI.REQUEST_NULL));
      isFalse(receive.equals(MPI.REQUEST_NULL));
      send.Free();
      receive.Free();
      isTrue(send.equals(MPI.REQUEST_NULL));
      isTrue(receive.equals(MPI.REQUEST_NULL));
      assertFilled(kind, receiveBuffer, { value: length, length, extra });
    }
}

/** To the next rank and from the previous one; the receive buffer has one element too many. */
function exchange(
  context: Context,
  call: (
    send: readonly [Message, number, number],
    receive: readonly [Message, number, number],
  ) => void,
): void {
  const { next, previous } = neighbours(context);
  for (const [kind, length] of buffers(context)) {
    const sent = kind.filled(length, length);
    const received = kind.filled(length + 1, UNTOUCHED);
    call([kind.message(sent), next, 0], [kind.message(received), previous, 0]);
    assertFilled(kind, received, { value: length, length, extra: 1 });
    equal(sent, kind.filled(length, length));
  }
}

/** The rank of the neighbour takes the place of ours. */
function replace(
  context: Context,
  call: (message: Message, next: number, previous: number) => void,
): void {
  const { next, previous } = neighbours(context);
  for (const [kind, length] of buffers(context)) {
    const buffer = kind.filled(length, context.rank);
    call(kind.message(buffer), next, previous);
    equal(buffer, kind.filled(length, previous), kind.name);
  }
}

const withDup = (comm: Comm, body: (dup: Comm) => void): void => {
  const dup = comm.Dup();
  body(dup);
  dup.Free();
};

/** A message of no elements. */
const nothing = () => [null, 0, MPI.BYTE] as const;

export const suites: readonly Suite[] = [
  {
    name: "TestP2PBuf",
    comms: ["SELF", "WORLD", "SELF.Dup", "WORLD.Dup"],
    cases: {
      "Sendrecv passes elements around the ring": (context) =>
        exchange(context, (send, receive) =>
          context.comm.Sendrecv(...send, ...receive),
        ),

      "Isendrecv passes elements around the ring": (context) =>
        exchange(context, (send, receive) =>
          context.comm.Isendrecv(...send, ...receive).Wait(),
        ),

      "Sendrecv_replace passes elements around the ring": (context) =>
        replace(context, (message, next, previous) =>
          context.comm.Sendrecv_replace(message, next, 0, previous, 0),
        ),

      "Isendrecv_replace passes elements around the ring": (context) =>
        replace(context, (message, next, previous) =>
          context.comm.Isendrecv_replace(message, next, 0, previous, 0).Wait(),
        ),

      "Send, Ssend, Bsend and Ibsend pass elements to and fro": (context) => {
        const { comm, rank, size } = context;
        if (size === 1 || rank > 1) return;
        const peer = 1 - rank;
        for (const [kind, length] of buffers(context)) {
          const send = kind.message(kind.filled(length, length));
          const sendAll = () => {
            withAttachedBuffer(2 * 8 * length + MPI.BSEND_OVERHEAD, () => {
              comm.Ibsend(send, peer, 0).Wait();
              comm.Bsend(send, peer, 0);
            });
            comm.Send(send, peer, 0);
            comm.Ssend(send, peer, 0);
          };
          const receiveAll = () => {
            for (let k = 0; k < 4; k++) {
              const buffer = kind.filled(length, UNTOUCHED);
              comm.Recv(kind.message(buffer), peer, 0);
              assertFilled(kind, buffer, { value: length, length, extra: 0 });
            }
          };
          if (rank === 0) {
            sendAll();
            receiveAll();
          } else {
            receiveAll();
            sendAll();
          }
        }
      },

      "Rsend and Irsend find the receive that waits": (context) => {
        const { comm, rank } = context;
        for (const [kind, length] of buffers(context)) {
          const send = kind.message(kind.filled(length, length));
          for (const call of [
            () => comm.Rsend(send, rank, 0),
            () => comm.Irsend(send, rank, 0).Wait(),
          ]) {
            const buffer = kind.filled(length, UNTOUCHED);
            const request = comm.Irecv(kind.message(buffer), rank, 0);
            call();
            request.Wait();
            assertFilled(kind, buffer, { value: length, length, extra: 0 });
          }
        }
      },

      "every call takes PROC_NULL": ({ comm }) => {
        const nobody = MPI.PROC_NULL;
        comm.Sendrecv(null, nobody, 0, null, nobody, 0);
        comm.Sendrecv_replace(null, nobody, 0, nobody, 0);
        comm.Send(null, nobody);
        comm.Isend(null, nobody).Wait();
        comm.Ssend(null, nobody);
        comm.Issend(null, nobody).Wait();
        withAttachedBuffer(0, () => {
          comm.Bsend(null, nobody);
          comm.Ibsend(null, nobody).Wait();
        });
        comm.Rsend(null, nobody);
        comm.Irsend(null, nobody).Wait();
        comm.Recv(null, nobody);
        comm.Irecv(null, nobody).Wait();
      },

      "Isendrecv and Isendrecv_replace take PROC_NULL": ({ comm }) => {
        const nobody = MPI.PROC_NULL;
        comm.Isendrecv(null, nobody, 0, null, nobody, 0).Wait();
        comm.Isendrecv_replace(null, nobody, 0, nobody, 0).Wait();
      },

      "persistent calls take PROC_NULL": ({ comm }) => {
        const run = (request: Persistent) => {
          request.Start();
          request.Wait();
          request.Free();
        };
        run(comm.Send_init(null, MPI.PROC_NULL));
        run(comm.Ssend_init(null, MPI.PROC_NULL));
        withAttachedBuffer(0, () => run(comm.Bsend_init(null, MPI.PROC_NULL)));
        run(comm.Rsend_init(null, MPI.PROC_NULL));
        run(comm.Recv_init(null, MPI.PROC_NULL));
      },

      "a persistent request is a Prequest, and its copy is equal to it": ({
        comm,
      }) => {
        const request = comm.Send_init(new Uint8Array(0), MPI.PROC_NULL, 0);
        isTrue(request instanceof MPI.Prequest);
        isTrue(new MPI.Prequest(request).equals(request));
        isTrue(new MPI.Request(request).equals(request));
        request.Start();
        request.Wait();
        request.Free();
      },

      "Send_init and Recv_init pass elements around the ring": (context) =>
        persistently(context, (message, dest) =>
          context.comm.Send_init(message, dest, 0),
        ),

      "Startall starts persistent requests, and Waitany gives each once": (
        context,
      ) =>
        persistently(
          context,
          (message, dest) => context.comm.Send_init(message, dest, 0),
          (send, receive) => {
            const requests = [send, receive];
            MPI.Prequest.Startall(requests);
            const first = MPI.Prequest.Waitany(requests);
            isOneOf(first, [0, 1]);
            isFalse(requests[first]!.equals(MPI.REQUEST_NULL));
            equal(MPI.Prequest.Waitany(requests), 1 - first);
            equal(MPI.Prequest.Waitany(requests), MPI.UNDEFINED);
          },
        ),

      "Ssend_init passes elements around the ring": (context) =>
        persistently(context, (message, dest) =>
          context.comm.Ssend_init(message, dest, 0),
        ),

      "Bsend_init passes elements around the ring": (context) =>
        withAttachedBuffer(8 * (context.size + 1), () =>
          persistently(context, (message, dest) =>
            context.comm.Bsend_init(message, dest, 0),
          ),
        ),

      "Rsend_init passes elements to a receive that was started": (context) =>
        persistently(
          context,
          (message, dest) => context.comm.Rsend_init(message, dest, 0),
          (send, receive) => {
            receive.Start();
            send.Start();
            receive.Wait();
            send.Wait();
          },
          { next: context.rank, previous: context.rank },
        ),

      "a persistent request takes what is in its buffer at each start": (
        context,
      ) => {
        const { next, previous } = neighbours(context);
        const sent = new Int32Array(3);
        const received = new Int32Array(3);
        const requests = [
          context.comm.Send_init(sent, next),
          context.comm.Recv_init(received, previous),
        ];
        for (const round of [1, 2, 3]) {
          sent.fill(10 * context.rank + round);
          MPI.Prequest.Startall(requests);
          isTrue(MPI.Request.Waitall(requests));
          equal(received, new Int32Array(3).fill(10 * previous + round));
        }
        for (const request of requests) request.Free();
      },

      "Probe sees a message and leaves it": ({ comm }) =>
        withDup(comm, (dup) => {
          const { rank } = dup;
          const request = dup.Issend(nothing(), rank, 123);
          isLive(request);
          const status = new MPI.Status();
          isTrue(dup.Probe(MPI.ANY_SOURCE, MPI.ANY_TAG, status));
          equal([status.source, status.tag], [rank, 123]);
          isLive(request);
          isFalse(request.Test());
          isLive(request);
          dup.Recv(nothing(), rank, 123);
          isLive(request);
          until(() => request.Test());
          isNull(request);
        }),

      "a synchronous send that was probed is cancelled, or received": ({
        comm,
      }) =>
        withDup(comm, (dup) => {
          const { rank } = dup;
          const request = dup.Issend(nothing(), rank, 123);
          const status = new MPI.Status();
          dup.Probe(MPI.ANY_SOURCE, MPI.ANY_TAG, status);
          equal([status.source, status.tag], [rank, 123]);
          request.Cancel();
          isLive(request);
          const after = new MPI.Status();
          request.Get_status(after);
          if (after.Is_cancelled()) {
            request.Free();
          } else {
            dup.Recv(nothing(), rank, 123);
            request.Wait();
          }
        }),

      "Iprobe is false where there is no message": ({ comm }) =>
        withDup(comm, (dup) => {
          isFalse(dup.Iprobe());
          isFalse(dup.Iprobe(MPI.ANY_SOURCE));
          isFalse(dup.Iprobe(MPI.ANY_SOURCE, MPI.ANY_TAG));
          const status = new MPI.Status();
          isFalse(dup.Iprobe(MPI.ANY_SOURCE, MPI.ANY_TAG, status));
          equal(status.source, MPI.ANY_SOURCE);
          equal(status.tag, MPI.ANY_TAG);
          equal(status.error, MPI.SUCCESS);
        }),

      "Get_count counts elements of whatever type fits": ({ comm, rank }) => {
        const request = comm.Isend(Float64Array.of(1, 2, 3), rank, 5);
        const status = new MPI.Status();
        comm.Probe(rank, 5, status);
        equal(status.Get_count(MPI.DOUBLE), 3);
        equal(status.Get_count(MPI.BYTE), 24);
        equal(status.Get_elements(MPI.DOUBLE), 3);
        const received = new Float64Array(7);
        const end = new MPI.Status();
        comm.Recv(received, rank, 5, end);
        equal(end.Get_count(MPI.DOUBLE), 3);
        equal([...received], [1, 2, 3, 0, 0, 0, 0]);
        request.Wait();
      },

      "a message may be a part of a buffer": ({ comm, rank }) => {
        const sent = Int32Array.of(0, 1, 2, 3, 4, 5);
        const forms: readonly (readonly [unknown, readonly number[]])[] = [
          [
            [sent, 2],
            [0, 1],
          ],
          [
            [sent, 2, MPI.INT],
            [0, 1],
          ],
          [
            [sent, [3, 1], MPI.INT],
            [1, 2, 3],
          ],
          [
            [sent, 3, 2, MPI.INT],
            [2, 3, 4],
          ],
          [sent.subarray(4), [4, 5]],
          [
            [sent, MPI.INT],
            [0, 1, 2, 3, 4, 5],
          ],
          [
            [sent, "int32"],
            [0, 1, 2, 3, 4, 5],
          ],
        ];
        for (const [message, expected] of forms) {
          const received = new Int32Array(expected.length);
          comm.Sendrecv(message as never, rank, 0, received, rank, 0);
          equal([...received], expected);
        }
      },

      "Recv into a buffer that is too short raises, and the message is gone": ({
        comm,
        rank,
      }) => {
        comm.Isend(Int32Array.of(1, 2, 3), rank, 1).Wait();
        throws(() => comm.Recv(new Int32Array(2), rank, 1), "ERR_TRUNCATE");
        isFalse(comm.Iprobe(rank, 1));
      },

      "Recv into a buffer of another type raises": ({ comm, rank }) => {
        const request = comm.Isend(Int32Array.of(1, 2), rank, 1);
        throws(() => comm.Recv(new Float32Array(2), rank, 1), "ERR_TYPE");
        request.Wait();
      },

      "Send of what is no buffer raises": ({ comm, rank }) => {
        for (const buffer of [[1, 2, 3], "text", 7, { length: 1 }])
          throws(
            () => comm.Send(buffer as never, rank),
            ["ERR_TYPE", "ERR_BUFFER", "ERR_ARG", "ERR_COUNT"],
          );
      },

      "large messages arrive whole": (context) => {
        const { comm } = context;
        const { next, previous } = neighbours(context);
        const of = (rank: number) => new Int32Array(1 << 20).fill(rank + 1);
        const received = new Int32Array(1 << 20);
        const request = comm.Irecv(received, previous, 0);
        comm.Send(of(context.rank), next, 0);
        request.Wait();
        equal(received, of(previous));
      },
    },
  },
];
