import { MPI } from "tsmpi";
import {
  equal,
  isFalse,
  isLive,
  refuses,
  isNull,
  isOneOf,
  isTrue,
  ok,
  throws,
  until,
} from "../check.mts";
import type { Comm, Context, Suite } from "../suite.mts";
import { SOME_VALUES, VALUES } from "../support/values.mts";

const neighbours = ({ rank, size }: Context) => ({
  next: (rank + 1) % size,
  previous: (rank + size - 1) % size,
});

/** From rank 0 to the last, from each to the next. */
function passOn(
  { comm, rank, size }: Context,
  send: (value: unknown, dest: number) => void,
): void {
  for (const value of VALUES) {
    send(value, MPI.PROC_NULL);
    equal(comm.recv(MPI.PROC_NULL, 0), null);
  }
  if (size === 1) return;
  for (const value of VALUES) {
    const received = rank === 0 ? value : comm.recv(rank - 1, 0);
    equal(received, value);
    if (rank < size - 1) send(received, rank + 1);
  }
}

const withDup = (comm: Comm, body: (dup: Comm) => void): void => {
  const dup = comm.Dup();
  body(dup);
  dup.Free();
};

/** Runs `body` with 64 KiB and more attached for buffered sends. */
function withAttachedBuffer(body: () => void): void {
  const buffer = MPI.Alloc_mem(Uint8Array, (1 << 16) + MPI.BSEND_OVERHEAD);
  MPI.Attach_buffer(buffer);
  try {
    body();
  } finally {
    MPI.Detach_buffer();
    MPI.Free_mem(buffer);
  }
}

/** Three receives are waiting; `send` sends under tags 3, 2, 1; each gets its own. */
function receiveByTag(
  { comm, rank }: Context,
  value: unknown,
  send: (tags: readonly number[]) => void,
): void {
  const requests = [1, 2, 3].map((tag) => comm.irecv(rank, tag));
  send([3, 2, 1]);
  for (const request of requests.reverse()) equal(request.wait(), value);
}

/** Waits for a send and a receive with `complete`, twice; each must come once. */
function eachOnce(
  context: Context,
  complete: (
    requests: readonly ReturnType<Comm["irecv"]>[],
  ) => readonly [number, unknown],
): void {
  const { comm } = context;
  const { next, previous } = neighbours(context);
  for (const value of VALUES) {
    const receive = comm.irecv(previous, 0);
    isLive(receive);
    const send = comm.isend(value, next, 0);
    isLive(send);
    const requests = [send, receive] as const;
    const [first, firstValue] = complete(requests);
    isOneOf(first, [0, 1]);
    isNull(requests[first]!);
    isLive(requests[1 - first]!);
    equal(firstValue, first === 0 ? null : value);
    const [second, secondValue] = complete(requests);
    equal(second, 1 - first);
    isNull(...requests);
    equal(secondValue, second === 0 ? null : value);
  }
}

/** Six receives from ourselves; `complete` must give exactly those that a message has come for. */
function inPortions(
  comm: Comm,
  portions: readonly (readonly number[])[],
  complete: "waitsome" | "testsome",
): void {
  const { rank } = comm;
  const requests = range(6).map((tag) => comm.irecv({ source: rank, tag }));
  if (complete === "testsome") {
    const statuses: InstanceType<typeof MPI.Status>[] = [];
    equal(MPI.Request.testsome(requests, statuses), [[], []]);
    isLive(...requests);
    equal(statuses, []);
  }
  for (const portion of portions) {
    for (const tag of portion) comm.ssend("abc", { dest: rank, tag });
    const statuses: InstanceType<typeof MPI.Status>[] = [];
    const [indices, values] = MPI.Request[complete](requests, statuses);
    equal([...indices!].sort(), [...portion].sort());
    equal(values, Array(portion.length).fill("abc"));
    for (const index of indices!) isNull(requests[index]!);
    equal(statuses.length, portion.length);
    statuses.forEach((status, k) => {
      equal(status.source, rank);
      equal(status.tag, indices![k]);
      equal(status.error, MPI.SUCCESS);
    });
  }
  equal(MPI.Request[complete](requests), [null, null]);
  isNull(...requests);
}

/** Six synchronous sends to ourselves; `complete` must give exactly those whose message was received. */
function inPortionsSent(
  comm: Comm,
  portions: readonly (readonly number[])[],
  complete: "waitsome" | "testsome",
): void {
  const { rank } = comm;
  const requests = range(6).map((tag) =>
    comm.issend("abc", { dest: rank, tag }),
  );
  if (complete === "testsome") {
    equal(MPI.Request.testsome(requests), [[], []]);
    isLive(...requests);
  }
  for (const portion of portions) {
    for (const tag of portion) equal(comm.recv({ source: rank, tag }), "abc");
    const indices: number[] = [];
    const values: unknown[] = [];
    until(() => {
      if (indices.length < portion.length || complete === "testsome") {
        const [some, nulls] = MPI.Request[complete](requests);
        indices.push(...some!);
        values.push(...nulls!);
      }
      return indices.length >= portion.length;
    });
    equal(indices.sort(), [...portion].sort());
    equal(values, Array(portion.length).fill(null));
    for (const index of indices) isNull(requests[index]!);
  }
  equal(MPI.Request[complete](requests), [null, null]);
  isNull(...requests);
}

const range = (length: number): number[] =>
  Array.from({ length }, (_, index) => index);

export const suites: readonly Suite[] = [
  {
    name: "TestP2PObj",
    comms: ["SELF", "WORLD", "SELF.Dup", "WORLD.Dup"],
    cases: {
      "send and recv pass every kind of value along the ranks": (context) =>
        passOn(context, (value, dest) => context.comm.send(value, dest, 0)),

      "ssend and recv pass every kind of value along the ranks": (context) =>
        passOn(context, (value, dest) => context.comm.ssend(value, dest, 0)),

      "isend and recv pass every kind of value": (context) => {
        const { comm, rank } = context;
        const { next, previous } = neighbours(context);
        for (const value of VALUES) {
          const request = comm.isend(value, MPI.PROC_NULL);
          isLive(request);
          request.Wait();
          isNull(request);
          equal(comm.recv(MPI.PROC_NULL, 0), null);
        }
        for (const value of VALUES) {
          const request = comm.isend(value, rank, 0);
          isLive(request);
          equal(comm.recv(rank, 0), value);
          isLive(request);
          until(() => request.Test());
          isNull(request);
        }
        for (const value of VALUES) {
          const request = comm.isend(value, next, 0);
          isLive(request);
          equal(comm.recv(previous, 0), value);
          request.Wait();
          isNull(request);
        }
      },

      "issend is not complete before it was received": (context) => {
        const { comm, rank } = context;
        const { next, previous } = neighbours(context);
        for (const value of VALUES) {
          const request = comm.issend(value, MPI.PROC_NULL);
          isLive(request);
          request.Wait();
          isNull(request);
        }
        for (const value of VALUES) {
          const request = comm.issend(value, rank, 0);
          isLive(request);
          isFalse(request.Test());
          isLive(request);
          equal(comm.recv(rank, 0), value);
          isLive(request);
          until(() => request.Test());
          isNull(request);
        }
        for (const value of VALUES) {
          const request = comm.issend(value, next, 0);
          isLive(request);
          equal(comm.recv(previous, 0), value);
          request.Wait();
          isNull(request);
        }
      },

      "irecv from PROC_NULL gives null": ({ comm }) => {
        for (const value of VALUES) {
          const request = comm.irecv(MPI.PROC_NULL);
          isLive(request);
          comm.send(value, MPI.PROC_NULL);
          equal(request.wait(), null);
          isNull(request);
        }
      },

      "irecv tests false until its message was sent": ({ comm, rank }) => {
        for (const value of VALUES) {
          const request = comm.irecv(rank, 0);
          isLive(request);
          equal(request.test(), [false, null]);
          isLive(request);
          comm.send(value, rank, 0);
          isLive(request);
          let received: unknown;
          until(() => {
            const [flag, obj] = request.test();
            received = obj;
            return flag;
          });
          isNull(request);
          equal(received, value);
        }
      },

      "irecv and send around the ring": (context) => {
        const { next, previous } = neighbours(context);
        for (const value of [...VALUES, VALUES]) {
          const request = context.comm.irecv(previous, 0);
          isLive(request);
          context.comm.send(value, next, 0);
          equal(request.wait(), value);
          isNull(request);
        }
      },

      "waitany gives the receive whose message came, then UNDEFINED": ({
        comm,
        rank,
      }) => {
        for (const value of VALUES) {
          const requests = [1, 2, 3].map((tag) => comm.irecv(rank, tag));
          for (const [index, request] of requests.entries()) {
            isLive(request);
            comm.send(value, rank, index + 1);
            equal(MPI.Request.waitany(requests), [index, value]);
            isNull(request);
          }
          equal(MPI.Request.waitany(requests), [MPI.UNDEFINED, null]);
        }
      },

      "testany gives the receive whose message came, then UNDEFINED and true":
        ({ comm, rank }) => {
          for (const value of VALUES) {
            const requests = [1, 2, 3].map((tag) => comm.irecv(rank, tag));
            equal(MPI.Request.testany(requests), [MPI.UNDEFINED, false, null]);
            for (const [index, request] of requests.entries()) {
              isLive(request);
              comm.send(value, rank, index + 1);
              let tested = MPI.Request.testany(requests);
              until(() => {
                if (!tested[1]) tested = MPI.Request.testany(requests);
                return tested[1];
              });
              equal(tested, [index, true, value]);
              isNull(request);
            }
            equal(MPI.Request.testany(requests), [MPI.UNDEFINED, true, null]);
          }
        },

      "waitany gives a send and a receive once each": (context) =>
        eachOnce(context, (requests) => MPI.Request.waitany(requests)),

      "testany gives a send and a receive once each": (context) =>
        eachOnce(context, (requests) => {
          let tested = MPI.Request.testany(requests);
          until(() => {
            if (!tested[1]) tested = MPI.Request.testany(requests);
            return tested[1];
          });
          return [tested[0], tested[2]];
        }),

      "waitall gives null for the send and the value for the receive": (
        context,
      ) => {
        const { next, previous } = neighbours(context);
        for (const value of VALUES) {
          const receive = context.comm.irecv(previous, 0);
          isLive(receive);
          const send = context.comm.isend(value, next, 0);
          isLive(send);
          equal(MPI.Request.waitall([send, receive], []), [null, value]);
          isNull(send, receive);
        }
      },

      "testall is false until all are complete": ({ comm, rank }) => {
        for (const value of VALUES) {
          const receive = comm.irecv(rank, 1);
          equal(MPI.Request.testall([receive]), [false, null]);
          const send = comm.isend(value, rank, 1);
          until(() => {
            const [flag, values] = MPI.Request.testall([send, receive], []);
            equal(values, flag ? [null, value] : null);
            return flag;
          });
          isNull(send, receive);
        }
      },

      "many isends, received in two portions, are complete at the end": ({
        comm,
        rank,
      }) => {
        const isComplete = new Set<number>();
        for (const value of SOME_VALUES) {
          const requests = range(6).map(() => comm.isend(value, rank, 0));
          isComplete.clear();
          for (const portion of [3, 3]) {
            if (!MPI.Request.Testall(requests)) {
              const [index, flag] = MPI.Request.Testany(requests);
              if (flag && index !== MPI.UNDEFINED) isComplete.add(index);
              if (!flag) equal(index, MPI.UNDEFINED);
              for (const some of MPI.Request.Testsome(requests) ?? []) {
                isFalse(isComplete.has(some));
                isComplete.add(some);
              }
            }
            for (let k = 0; k < portion; k++) equal(comm.recv(rank, 0), value);
          }
          until(() => MPI.Request.Testall(requests));
          isNull(...requests);
        }
      },

      "Waitany and Waitsome give each of many isends once": ({
        comm,
        rank,
      }) => {
        for (const value of SOME_VALUES) {
          const requests = range(6).map(() => comm.isend(value, rank, 0));
          for (let k = 0; k < 3; k++) equal(comm.recv(rank, 0), value);
          const indices = [MPI.Request.Waitany(requests)];
          indices.push(...(MPI.Request.Waitsome(requests) ?? []));
          for (let k = 0; k < 3; k++) equal(comm.recv(rank, 0), value);
          until(() => {
            const some = MPI.Request.Waitsome(requests);
            indices.push(...(some ?? []));
            return some === null;
          });
          equal(indices.sort(), range(6));
          isTrue(MPI.Request.Waitall(requests));
        }
      },

      "many issends complete in the order they are received": ({
        comm,
        rank,
      }) => {
        for (const value of SOME_VALUES) {
          const requests = range(6).map(() => comm.issend(value, rank, 0));
          isFalse(MPI.Request.Testall(requests));
          for (let k = 0; k < 3; k++) equal(comm.recv(rank, 0), value);
          isFalse(MPI.Request.Testall(requests));
          const received = [0, 1, 2];
          const [index, flag] = MPI.Request.Testany(requests);
          if (flag) isOneOf(index, received);
          for (const some of MPI.Request.Testsome(requests) ?? [])
            isOneOf(some, received);
          for (let k = 0; k < 3; k++) {
            isFalse(MPI.Request.Testall(requests));
            equal(comm.recv(rank, 0), value);
          }
          until(() => MPI.Request.Testall(requests));
        }
      },

      "a synchronous send is cancelled, or received": ({ comm, rank }) => {
        for (const value of VALUES) {
          const status = new MPI.Status();
          const request = comm.issend(value, rank);
          isLive(request);
          request.cancel();
          const flag = request.get_status(status);
          isLive(request);
          if (status.Is_cancelled()) {
            isTrue(flag);
            request.Free();
          } else {
            isFalse(flag);
            equal(comm.recv(rank, 0), value);
            until(() => request.get_status());
            isLive(request);
            isTrue(request.test()[0]);
          }
          isNull(request);
        }
      },

      "bsend finds receives that wait, whatever their order": (context) =>
        withAttachedBuffer(() => {
          const { comm, rank } = context;
          for (const value of VALUES) {
            receiveByTag(context, value, (tags) => {
              for (const tag of tags) comm.bsend(value, rank, tag);
            });
            comm.bsend(value, MPI.PROC_NULL, 3);
          }
        }),

      "ibsend finds receives that wait, whatever their order": (context) =>
        withAttachedBuffer(() => {
          const { comm, rank } = context;
          for (const value of VALUES) {
            receiveByTag(context, value, (tags) => {
              MPI.Request.waitall(
                tags.map((tag) => comm.ibsend(value, rank, tag)),
              );
            });
            comm.ibsend(value, MPI.PROC_NULL, 3).wait();
          }
        }),

      "ssend finds receives that wait, whatever their order": (context) => {
        const { comm, rank } = context;
        for (const value of VALUES) {
          receiveByTag(context, value, (tags) => {
            for (const tag of tags) comm.ssend(value, rank, tag);
          });
          comm.ssend(value, MPI.PROC_NULL, 3);
        }
      },

      "issend finds receives that wait, whatever their order": (context) => {
        const { comm, rank } = context;
        for (const value of VALUES) {
          receiveByTag(context, value, (tags) => {
            MPI.Request.waitall(
              tags.map((tag) => comm.issend(value, rank, tag)),
            );
          });
          comm.issend(value, MPI.PROC_NULL, 3).wait();
        }
      },

      "sendrecv gives the neighbour's value": (context) => {
        const { comm } = context;
        const { next, previous } = neighbours(context);
        for (const value of VALUES) {
          equal(comm.sendrecv(value, next, 0, previous, 0), value);
          equal(comm.sendrecv(null, next, 0, previous, 0), null);
          equal(comm.sendrecv(value, MPI.PROC_NULL, 0, MPI.PROC_NULL, 0), null);
        }
      },

      "sendrecv takes null for the buffer that it has in mpi4py's order": (
        context,
      ) => {
        const { comm, rank } = context;
        const { next, previous } = neighbours(context);
        const status = new MPI.Status();
        equal(
          comm.sendrecv(rank, next, 3, null, previous, 3, status),
          previous,
        );
        equal([status.source, status.tag], [previous, 3]);
        equal(comm.isendrecv(rank, next, 0, null, previous).wait(), previous);
      },

      "a value that is sent may be named, too": (context) => {
        const { comm, rank, size } = context;
        const { next: dest, previous: source } = neighbours(context);
        equal(comm.sendrecv({ sendobj: rank, dest, source }), source);
        const request = comm.isend({ obj: { dest: 0 }, dest, tag: 3 });
        equal(comm.recv({ source, tag: 3 }), { dest: 0 });
        request.wait();
        const ranks = Array.from({ length: size }, (_, r) => r);
        equal(comm.scatter({ sendobj: ranks, root: 0 }), rank);
        equal(
          comm.alltoall({ sendobj: ranks }),
          ranks.map(() => rank),
        );
        refuses(() => comm.send({ x: 1 } as never));
      },

      "recv gives null for an empty message that Isend sent": ({
        comm,
        rank,
      }) => {
        let send = comm.Isend([null, 0, MPI.BYTE], rank);
        equal(comm.recv(rank), null);
        send.Wait();
        send = comm.Isend([null, 0, MPI.BYTE], rank);
        const receive = comm.irecv(rank);
        send.Wait();
        equal(receive.wait(), null);
      },

      "recv refuses a buffer that Send sent, and names its sender's rank in the communicator":
        ({ comm, rank }) => {
          const reversed = comm.Split(0, -rank);
          const own = reversed.rank;
          const send = reversed.Isend(Float32Array.of(1), own);
          const { message } = throws(() => reversed.recv(own), "ERR_TYPE");
          ok(message.includes(`rank ${own} sent a buffer of float32`), message);
          send.Wait();
          reversed.Free();
        },

      "ping-pong between two ranks": ({ comm, rank, size }) => {
        for (const value of VALUES) {
          comm.send(value, MPI.PROC_NULL);
          equal(comm.recv(MPI.PROC_NULL, 0), null);
        }
        if (size === 1) return;
        for (const value of [null, ...VALUES]) {
          if (rank === 0) {
            comm.send(value, 1, 0);
            equal(comm.recv(1, 0), value);
          } else if (rank === 1) {
            equal(comm.recv(0, 0), value);
            comm.send(value, 0, 0);
          }
        }
      },

      "probe and iprobe see a message and leave it": ({ comm }) =>
        withDup(comm, (dup) => {
          const { rank } = dup;
          const status = new MPI.Status();
          isFalse(dup.iprobe(MPI.ANY_SOURCE, MPI.ANY_TAG, status));
          for (const value of VALUES) {
            const request = dup.issend(value, rank, 123);
            isLive(request);
            until(() => dup.iprobe(MPI.ANY_SOURCE, MPI.ANY_TAG, status));
            equal([status.source, status.tag], [rank, 123]);
            isTrue(dup.probe(MPI.ANY_SOURCE, MPI.ANY_TAG, status));
            equal([status.source, status.tag], [rank, 123]);
            isLive(request);
            equal(request.test(), [false, null]);
            isLive(request);
            equal(dup.recv(rank, 123), value);
            isLive(request);
            equal(request.wait(), null);
            isNull(request);
          }
        }),

      "waitsome gives the receives whose messages came": ({ comm }) =>
        withDup(comm, (dup) =>
          inPortions(dup, [[5], [3, 1, 2], [0, 4]], "waitsome"),
        ),

      "testsome gives the receives whose messages came": ({ comm }) =>
        withDup(comm, (dup) =>
          inPortions(dup, [[5], [], [3, 1, 2], [], [0, 4]], "testsome"),
        ),

      "waitsome gives the synchronous sends that were received": ({ comm }) =>
        withDup(comm, (dup) =>
          inPortionsSent(dup, [[5], [3, 1, 2], [0, 4]], "waitsome"),
        ),

      "testsome gives the synchronous sends that were received": ({ comm }) =>
        withDup(comm, (dup) =>
          inPortionsSent(dup, [[5], [], [3, 1, 2], [], [0, 4]], "testsome"),
        ),
    },
  },
];
