import { MPI } from "tsmpi";
import {
  equal,
  isFalse,
  isNull,
  isTrue,
  ok,
  refuses,
  rejects,
  throws,
  until,
} from "../check.mts";
import type { Comm, Context, Suite } from "../suite.mts";

// What tsmpi promises beyond mpi4py, or where mpi4py's own tests do not look.

const ALL = ["SELF", "WORLD", "SELF.Dup", "WORLD.Dup"] as const;

/** For cases that leave something behind: what fails here is no affair of the next case. */
const OWN = ["SELF.Dup", "WORLD.Dup"] as const;

const neighbours = ({ rank, size }: Context) => ({
  next: (rank + 1) % size,
  previous: (rank + size - 1) % size,
});

/** A call of each family, each by way of another path through the runtime. */
const calls = (comm: Comm): Readonly<Record<string, () => unknown>> => ({
  send: () => comm.send(1, 0),
  isend: () => comm.isend(1, 0),
  recv: () => comm.recv(0),
  irecv: () => comm.irecv(0),
  Send: () => comm.Send(new Int32Array(1), 0),
  Irecv: () => comm.Irecv(new Int32Array(1), 0),
  iprobe: () => comm.iprobe(),
  Send_init: () => comm.Send_init(new Int32Array(1), 0),
  barrier: () => comm.barrier(),
  bcast: () => comm.bcast(1),
  ibcast: () => comm.ibcast(1),
  Allreduce: () => comm.Allreduce(MPI.IN_PLACE, new Int32Array(1)),
  gather: () => comm.gather(1),
  Dup: () => comm.Dup(),
  Split: () => comm.Split(0),
  Get_rank: () => comm.Get_rank(),
  Get_size: () => comm.Get_size(),
  Get_group: () => comm.Get_group(),
  Free: () => comm.Free(),
});

/** A call, and others: a rank that only sends, as the root of a broadcast does, is through before it can know of an error. */
function onAndOn(comm: Comm, call: () => unknown): void {
  call();
  until(() => {
    comm.barrier();
    return false;
  });
}

const wait = (request: unknown): unknown =>
  (request as { wait(): unknown }).wait();

export const suites: readonly Suite[] = [
  {
    name: "Constants",
    cases: {
      "have mpi4py's values": () => {
        equal(MPI.ANY_SOURCE, -1);
        equal(MPI.ANY_TAG, -1);
        equal(MPI.PROC_NULL, -2);
        equal(MPI.ROOT, -4);
        equal(MPI.UNDEFINED, -32766);
        equal(MPI.SUCCESS, 0);
      },
    },
  },
  {
    name: "ProcNull",
    comms: ALL,
    cases: {
      "recv gives null and a status with source -2, tag -1 and count 0": ({
        comm,
      }) => {
        const status = new MPI.Status();
        const forget = () => {
          status.source = 5;
          status.tag = 5;
          status.count = 5;
        };
        const check = () => {
          equal([status.source, status.tag, status.count], [-2, -1, 0]);
          equal(status.Get_count(MPI.INT), 0);
        };
        forget();
        equal(comm.recv(MPI.PROC_NULL, 3, status), null);
        check();
        forget();
        const buffer = Int32Array.of(7);
        comm.Recv(buffer, MPI.PROC_NULL, 3, status);
        check();
        equal(buffer[0], 7);
        forget();
        equal(comm.irecv(MPI.PROC_NULL).wait(status), null);
        check();
        forget();
        isTrue(comm.probe(MPI.PROC_NULL, 3, status));
        check();
        forget();
        isTrue(comm.iprobe(MPI.PROC_NULL, 3, status));
        check();
        forget();
        equal(
          comm.sendrecv(1, MPI.PROC_NULL, 0, MPI.PROC_NULL, 0, status),
          null,
        );
        check();
      },
    },
  },
  {
    name: "Matching",
    comms: ALL,
    cases: {
      "messages with one tag arrive in the order they were sent": (context) => {
        const { comm } = context;
        const { next, previous } = neighbours(context);
        const count = 100;
        const sends = Array.from({ length: count }, (_, k) =>
          // Large ones take another way than small ones, and must not be overtaken either.
          comm.isend([k, k % 10 === 0 ? new Uint8Array(200_000) : 0], next, 1),
        );
        for (let k = 0; k < count; k++)
          equal(comm.recv<[number, unknown]>(previous, 1)[0], k);
        MPI.Request.waitall(sends);
      },

      "receives are matched in the order they were posted": (context) => {
        const { comm } = context;
        const { next, previous } = neighbours(context);
        const receives = Array.from({ length: 50 }, (_, k) =>
          k % 2 === 0 ? comm.irecv(previous, 1) : comm.irecv(),
        );
        for (let k = 0; k < 50; k++) comm.send(k, next, 1);
        equal(
          MPI.Request.waitall(receives),
          Array.from({ length: 50 }, (_, k) => k),
        );
      },

      "tags are picked in any order": (context) => {
        const { comm } = context;
        const { next, previous } = neighbours(context);
        for (let tag = 0; tag < 20; tag++) comm.send(tag * tag, next, tag);
        for (let tag = 19; tag >= 0; tag--)
          equal(comm.recv(previous, tag), tag * tag);
      },

      "ANY_SOURCE takes every message once, each sender's in order": ({
        comm,
        rank,
        size,
      }) => {
        const each = 50;
        const sends = Array.from({ length: each }, (_, k) =>
          comm.isend(k, 0, rank),
        );
        if (rank === 0) {
          const next = Array<number>(size).fill(0);
          const status = new MPI.Status();
          for (let k = 0; k < each * size; k++) {
            const value = comm.recv(MPI.ANY_SOURCE, MPI.ANY_TAG, status);
            equal(status.tag, status.source);
            equal(value, next[status.source]);
            next[status.source]!++;
          }
          equal(next, Array(size).fill(each));
        }
        MPI.Request.waitall(sends);
        comm.barrier();
      },

      "communicators do not see each other's messages": (context) => {
        const { comm } = context;
        const { next, previous } = neighbours(context);
        const dup = comm.Dup();
        comm.send("in the first", next, 1);
        dup.send("in the second", next, 1);
        equal(dup.recv(previous, 1), "in the second");
        equal(comm.recv(previous, 1), "in the first");
        isFalse(dup.iprobe());
        dup.Free();
      },

      "collectives do not take messages, nor the other way round": (
        context,
      ) => {
        const { comm, size } = context;
        const { next, previous } = neighbours(context);
        const receive = comm.irecv(MPI.ANY_SOURCE, MPI.ANY_TAG);
        equal(comm.allreduce(1), size);
        isFalse(receive.Test());
        comm.barrier();
        comm.send("message", next, 0);
        equal(comm.bcast("value", size - 1), "value");
        const status = new MPI.Status();
        equal(receive.wait(status), "message");
        equal(status.source, previous);
      },

      "send returns before there is a receive": (context) => {
        const { comm } = context;
        const { next, previous } = neighbours(context);
        for (let k = 0; k < 20; k++) comm.send(k, next, 2);
        for (let k = 0; k < 20; k++) equal(comm.recv(previous, 2), k);
      },

      "irecv takes a value of any size": (context) => {
        const { comm, rank } = context;
        const { next, previous } = neighbours(context);
        const receive = comm.irecv(previous, 2);
        const send = comm.isend(
          new Uint8Array(4 << 20).fill(rank + 1),
          next,
          2,
        );
        equal(receive.wait(), new Uint8Array(4 << 20).fill(previous + 1));
        send.wait();
      },

      "the status of a buffer counts its elements, of a value its bytes": (
        context,
      ) => {
        const { comm } = context;
        const { next, previous } = neighbours(context);
        const status = new MPI.Status();
        comm.Sendrecv(
          new Float64Array(3),
          next,
          6,
          new Float64Array(9),
          previous,
          6,
          status,
        );
        equal(
          [status.source, status.tag, status.Get_count(MPI.DOUBLE)],
          [previous, 6, 3],
        );
        comm.sendrecv("0123456789", next, 7, previous, 7, status);
        equal([status.source, status.tag], [previous, 7]);
        ok(status.Get_count(MPI.BYTE) >= 10);
        equal(status.error, MPI.SUCCESS);
      },
    },
  },
  {
    name: "Options",
    comms: ALL,
    cases: {
      "messages take mpi4py's names": (context) => {
        const { comm } = context;
        const { next, previous } = neighbours(context);
        const status = new MPI.Status();
        comm.send("a", { dest: next, tag: 11 });
        equal(comm.recv({ source: previous, tag: 11, status }), "a");
        equal([status.source, status.tag], [previous, 11]);
        const request = comm.isend("b", { dest: next, tag: 12 });
        equal(comm.irecv({ source: previous, tag: 12 }).wait(), "b");
        request.wait();
        comm.send("c", { dest: next });
        equal(comm.recv({ source: previous }), "c");
        comm.send("d", { dest: next });
        equal(comm.recv(), "d");
        equal(
          comm.sendrecv("e", {
            dest: next,
            sendtag: 1,
            source: previous,
            recvtag: 1,
          }),
          "e",
        );
      },

      "buffers take mpi4py's names": (context) => {
        const { comm, rank } = context;
        const { next, previous } = neighbours(context);
        const buf = new Int32Array(1);
        const request = comm.Isend({ buf: Int32Array.of(rank), dest: next });
        comm.Recv({ buf, source: previous, tag: 0 });
        request.Wait();
        equal(buf[0], previous);
        comm.Sendrecv({
          sendbuf: Int32Array.of(rank + 10),
          dest: next,
          sendtag: 4,
          recvbuf: buf,
          source: previous,
          recvtag: 4,
        });
        equal(buf[0], previous + 10);
      },

      "collectives take mpi4py's names": ({ comm, rank, size }) => {
        const root = size - 1;
        equal(comm.bcast(rank, { root }), root);
        const all = Array.from({ length: size }, (_, k) => k);
        equal(comm.gather(rank, { root }), rank === root ? all : null);
        equal(comm.scatter(all, { root }), rank);
        equal(
          comm.reduce(rank, { op: MPI.MAX, root }),
          rank === root ? root : null,
        );
        equal(comm.allreduce(rank, { op: MPI.MIN }), 0);
        const buf = Float32Array.of(rank);
        comm.Bcast({ buf, root });
        equal(buf[0], root);
        const recvbuf = new Int32Array(1);
        comm.Allreduce({
          sendbuf: Int32Array.of(rank),
          recvbuf,
          op: MPI.MAX,
        });
        equal(recvbuf[0], root);
        comm.Reduce({
          sendbuf: Int32Array.of(rank + 1),
          recvbuf,
          op: MPI.MAX,
          root,
        });
        equal(recvbuf[0], rank === root ? size : root);
      },
    },
  },
  {
    name: "ThenableRequests",
    comms: ALL,
    cases: {
      "every twin with i in front can be awaited": async (context) => {
        const { comm, rank, size } = context;
        const { next, previous } = neighbours(context);
        const all = Array.from({ length: size }, (_, k) => k);
        equal(await comm.iallreduce(1), size);
        equal(await comm.iallgather(rank), all);
        equal(await comm.ialltoall(all), Array(size).fill(rank));
        equal(await comm.ibcast(rank, size - 1), size - 1);
        equal(await comm.igather(rank), rank === 0 ? all : null);
        equal(await comm.iscatter(all, size - 1), rank);
        await comm.ibarrier();
        const receive = comm.irecv(previous, 1);
        equal(await comm.isend(rank, next, 1), null);
        equal(await receive, previous);
        const buffer = Int32Array.of(1);
        await comm.Iallreduce(MPI.IN_PLACE, buffer);
        equal(buffer[0], size);
      },

      "a request that was awaited is null": async ({ comm }) => {
        const request = comm.ibcast("value");
        equal(await request, "value");
        isNull(request);
        equal(request.wait(), null);
      },

      "many can be awaited at once": async ({ comm, size }) => {
        const requests = Array.from({ length: 20 }, (_, k) =>
          comm.iallreduce(k),
        );
        equal(
          await Promise.all(requests),
          Array.from({ length: 20 }, (_, k) => k * size),
        );
      },

      "waitany waits for whichever is complete": (context) => {
        const { comm } = context;
        const { next, previous } = neighbours(context);
        const never = comm.irecv({ source: previous, tag: 9 });
        const soon = comm.irecv({ source: previous, tag: 8 });
        comm.send("soon", next, 8);
        equal(MPI.Request.waitany([new MPI.Request(), never, soon]), [
          2,
          "soon",
        ]);
        comm.barrier();
        comm.send("now", next, 9);
        equal(MPI.Request.waitany([new MPI.Request(), never, soon]), [
          1,
          "now",
        ]);
        equal(MPI.Request.waitany([never, soon]), [MPI.UNDEFINED, null]);
      },
    },
  },
  {
    name: "Arguments",
    comms: OWN,
    cases: {
      "dest and source that are no ranks raise ERR_RANK": ({ comm, size }) => {
        for (const rank of [size, -3, -4, 0.5, NaN, 2 ** 40]) {
          throws(() => comm.send(1, rank), "ERR_RANK");
          throws(() => comm.isend(1, rank), "ERR_RANK");
          throws(() => comm.Send(new Int32Array(1), rank), "ERR_RANK");
          throws(() => comm.recv(rank), "ERR_RANK");
          throws(() => comm.irecv(rank), "ERR_RANK");
          throws(() => comm.Recv(new Int32Array(1), rank), "ERR_RANK");
          throws(() => comm.probe(rank), "ERR_RANK");
          throws(() => comm.sendrecv(1, rank, 0, MPI.PROC_NULL), "ERR_RANK");
          throws(() => comm.sendrecv(1, MPI.PROC_NULL, 0, rank), "ERR_RANK");
        }
        throws(() => comm.send(1, MPI.ANY_SOURCE), "ERR_RANK");
        isFalse(comm.iprobe());
      },

      "tags that are none raise ERR_TAG": ({ comm, rank }) => {
        const largest = comm.Get_attr(MPI.TAG_UB) as number;
        for (const tag of [-2, 1.5, largest + 1, NaN]) {
          throws(() => comm.send(1, rank, tag), "ERR_TAG");
          throws(() => comm.recv(rank, tag), "ERR_TAG");
          throws(() => comm.Isend(new Int32Array(1), rank, tag), "ERR_TAG");
          throws(() => comm.iprobe(rank, tag), "ERR_TAG");
        }
        throws(() => comm.send(1, rank, MPI.ANY_TAG), "ERR_TAG");
      },

      "roots that are none raise ERR_ROOT": ({ comm, size }) => {
        for (const root of [size, -1, 1.5]) {
          throws(() => comm.bcast(1, root), "ERR_ROOT");
          throws(() => comm.gather(1, root), "ERR_ROOT");
          throws(() => comm.scatter(null, root), "ERR_ROOT");
          throws(() => comm.reduce(1, MPI.SUM, root), "ERR_ROOT");
          throws(() => comm.Bcast(new Int32Array(1), root), "ERR_ROOT");
        }
        equal(comm.allreduce(1), size);
      },

      "a root that is wrong on one rank raises on every rank": ({
        comm,
        rank,
        size,
      }) => {
        const dup = comm.Dup();
        throws(
          () => onAndOn(dup, () => dup.bcast(1, rank === size - 1 ? size : 0)),
          ["ERR_ROOT", "ERR_MISMATCH"],
        );
        equal(comm.allreduce(1), size);
      },

      "a root that is wrong on a late rank raises in the next call of those that are through":
        ({ comm, rank, size }) => {
          if (size === 1) return;
          const dup = comm.Dup();
          const last = size - 1;
          // The root of a broadcast needs nobody.
          if (rank === last) comm.recv(0);
          throws(
            () =>
              onAndOn(dup, () => {
                dup.bcast(1, rank === last ? size : 0);
                if (rank === 0) comm.send(null, last);
              }),
            ["ERR_ROOT", "ERR_MISMATCH"],
          );
          equal(comm.allreduce(1), size);
        },

      "scatter of a list of another length raises on every rank": ({
        comm,
        rank,
        size,
      }) => {
        for (const length of [size + 1, size - 1, 0])
          for (let root = 0; root < size; root++) {
            const error = throws(
              () => comm.scatter(rank === root ? Array(length) : null, root),
              "ERR_ARG",
            );
            const text = `expecting ${size} items, got ${length}`;
            ok(error.message.includes(text), error.message);
          }
        equal(comm.allreduce(1), size);
      },

      "alltoall of a list of another length on one rank raises on every rank":
        ({ comm, rank, size }) => {
          for (let culprit = 0; culprit < size; culprit++) {
            const length = rank === culprit ? size + 1 : size;
            const error = throws(
              () => comm.alltoall(Array<number>(length).fill(0)),
              "ERR_ARG",
            );
            const text = `expecting ${size} items, got ${size + 1}`;
            ok(error.message.includes(text), error.message);
          }
          equal(comm.allreduce(1), size);
        },

      "null is a list of nulls for scatter and alltoall": ({ comm, size }) => {
        equal(comm.scatter(null), null);
        equal(comm.alltoall(null), Array(size).fill(null));
      },

      "Split refuses a negative colour, and UNDEFINED gives COMM_NULL": ({
        comm,
      }) => {
        throws(() => comm.Split(-5), "ERR_ARG");
        isTrue(comm.Split(MPI.UNDEFINED) === MPI.COMM_NULL);
      },

      "IN_PLACE is for the capital calls": ({ comm }) => {
        refuses(() => comm.allreduce(MPI.IN_PLACE as never));
        refuses(() => comm.isend(MPI.IN_PLACE, 0));
      },

      "counts that differ between the buffers of one rank are refused": ({
        comm,
      }) => {
        const error = refuses(() =>
          comm.Allreduce(new Int32Array(3), new Int32Array(2)),
        );
        ok(
          error.message.includes(
            "mismatch in send count 3 and receive count 2",
          ),
          error.message,
        );
      },
    },
  },
  {
    name: "Mismatch",
    comms: OWN,
    cases: {
      "different calls raise on every rank, and each rank's call is named": ({
        comm,
        rank,
        size,
      }) => {
        if (size === 1) return;
        const error = throws(
          () => (rank === 0 ? comm.barrier() : comm.bcast(1)),
          "ERR_MISMATCH",
        );
        ok(error.message.includes("barrier"), error.message);
        ok(error.message.includes("bcast"), error.message);
        ok(error.message.includes("contract.mts"), error.message);
        equal(comm.allreduce(1), size);
      },

      "different roots raise on every rank": ({ comm, rank, size }) => {
        if (size === 1) return;
        const dup = comm.Dup();
        throws(
          () => onAndOn(dup, () => dup.bcast(1, rank === 0 ? 0 : 1)),
          "ERR_MISMATCH",
        );
        equal(comm.allreduce(1), size);
      },

      "different ops raise on every rank": ({ comm, rank, size }) => {
        if (size === 1) return;
        throws(
          () => comm.allreduce(1, rank === 0 ? MPI.MAX : MPI.MIN),
          "ERR_MISMATCH",
        );
        throws(
          () =>
            comm.Allreduce(
              MPI.IN_PLACE,
              new Int32Array(1),
              rank === 0 ? MPI.MAX : MPI.MIN,
            ),
          "ERR_MISMATCH",
        );
        equal(comm.allreduce(1), size);
      },

      "different counts and types raise on every rank": ({
        comm,
        rank,
        size,
      }) => {
        if (size === 1) return;
        throws(
          () => comm.Allreduce(MPI.IN_PLACE, new Int32Array(rank ? 2 : 3)),
          ["ERR_MISMATCH", "ERR_COUNT", "ERR_TRUNCATE"],
        );
        throws(
          () =>
            comm.Allreduce(
              MPI.IN_PLACE,
              rank ? new Int32Array(2) : new Float32Array(2),
            ),
          ["ERR_MISMATCH", "ERR_TYPE"],
        );
        equal(comm.allreduce(1), size);
      },

      "a non-blocking call that does not match raises when it is waited for":
        async ({ comm, rank, size }) => {
          if (size === 1) return;
          await rejects(
            rank === 0 ? comm.iallgather(1) : comm.iallreduce(1),
            "ERR_MISMATCH",
          );
          equal(comm.allreduce(1), size);
        },
    },
  },
  {
    name: "Deadlines",
    comms: OWN,
    cases: {
      "a receive ends by its deadline": ({ comm, rank }) => {
        const startMs = performance.now();
        throws(
          () => comm.recv({ source: rank, timeoutMs: 200 }),
          "ERR_TIMEOUT",
        );
        ok(performance.now() - startMs < 5_000);
      },

      "Dup and Split inherit the deadline": ({ comm }) => {
        comm.timeoutMs = 7_654;
        const dup = comm.Dup();
        equal(dup.timeoutMs, 7_654);
        const part = comm.Split(0);
        equal(part.timeoutMs, 7_654);
        part.Free();
        dup.Free();
      },

      "a collective whose peer stays away ends by the communicator's deadline":
        ({ comm, rank, size }) => {
          if (size === 1) return;
          const other = comm.Dup();
          other.timeoutMs = 300;
          const startMs = performance.now();
          if (rank > 0) {
            const error = throws(() => other.barrier(), "ERR_TIMEOUT");
            ok(/barrier.*: rank \d/.test(error.message), error.message);
          }
          comm.barrier();
          ok(performance.now() - startMs < 5_000);
        },

      "a collective whose peer stays away ends by its own deadline": ({
        comm,
        rank,
        size,
      }) => {
        if (size === 1) return;
        const other = comm.Dup();
        if (rank > 0)
          throws(
            () => other.bcast(1, { root: 0, timeoutMs: 300 }),
            "ERR_TIMEOUT",
          );
        comm.barrier();
      },
    },
  },
  {
    name: "UserOps",
    comms: OWN,
    cases: {
      "any function of two values is an op, and keeps the order of ranks": ({
        comm,
        rank,
        size,
      }) => {
        const text = (upTo: number) =>
          Array.from({ length: upTo }, (_, k) => k).join("");
        equal(
          comm.allreduce(String(rank), (a, b) => a + b),
          text(size),
        );
        equal(
          comm.scan(String(rank), (a, b) => a + b),
          text(rank + 1),
        );
        equal(
          comm.exscan(String(rank), (a, b) => a + b),
          rank === 0 ? null : text(rank),
        );
        equal(
          comm.reduce([rank], (a, b) => [...a, ...b], size - 1),
          rank === size - 1 ? Array.from({ length: size }, (_, k) => k) : null,
        );
      },

      "an op that uses the communicator is refused": ({ comm, size }) => {
        if (size === 1) return;
        const error = throwsAny(() =>
          comm.allreduce(1, (a, b) => {
            comm.barrier();
            return a + b;
          }),
        );
        ok(error instanceof MPI.Exception, String(error));
        equal(comm.allreduce(1), size);
      },

      "an op on buffers that uses the communicator is refused": ({
        comm,
        size,
      }) => {
        if (size === 1) return;
        const op = MPI.Op.Create((a, b) => {
          comm.Barrier();
          for (let i = 0; i < a.length; i++) b[i] = a[i]!;
        });
        const error = throwsAny(() =>
          comm.Allreduce(MPI.IN_PLACE, new Int32Array(3), op),
        );
        ok(error instanceof MPI.Exception, String(error));
        op.Free();
        equal(comm.allreduce(1), size);
      },

      "an op that throws raises on every rank": ({ comm, size }) => {
        if (size === 1) return;
        const error = throwsAny(() =>
          comm.allreduce(1, (): number => {
            throw new RangeError("too much");
          }),
        ) as Error;
        ok(error.message.includes("too much"), error.message);
        equal(comm.allreduce(1), size);
      },
    },
  },
  {
    name: "FreedHandles",
    comms: OWN,
    cases: {
      "every call on a freed communicator raises ERR_COMM": ({ comm }) => {
        const dup = comm.Dup();
        dup.Free();
        isTrue(dup.isNull);
        isTrue(dup.equals(MPI.COMM_NULL));
        for (const [name, call] of Object.entries(calls(dup))) {
          const error = throwsAny(() => {
            const result = call();
            if (name.startsWith("i") && name !== "iprobe") wait(result);
          });
          ok(error instanceof MPI.Exception, `${name}: ${String(error)}`);
          equal(error.code, "ERR_COMM", name);
        }
      },

      "other communicators go on": ({ comm, size }) => {
        const dup = comm.Dup();
        const other = comm.Dup();
        dup.Free();
        equal(other.allreduce(1), size);
        equal(comm.allreduce(1), size);
        other.Free();
      },

      "a request outlives the communicator it was made on": (context) => {
        const { next, previous } = neighbours(context);
        const dup = context.comm.Dup();
        const receive = dup.irecv(previous, 1);
        const send = dup.isend("late", next, 1);
        dup.Free();
        equal(receive.wait(), "late");
        equal(send.wait(), null);
      },

      "a freed group, op, info and persistent request refuse": ({ comm }) => {
        const group = comm.Get_group();
        group.Free();
        isNull(group);
        throws(() => group.Get_size(), "ERR_GROUP");
        const info = MPI.Info.Create();
        info.Free();
        throws(() => info.Set("a", "b"), ["ERR_INFO", "ERR_ARG"]);
        const request = comm.Send_init(new Int32Array(1), MPI.PROC_NULL);
        request.Free();
        isNull(request);
        throws(() => request.Start(), "ERR_REQUEST");
      },

      "a persistent request is started once at a time": ({ comm, rank }) => {
        const request = comm.Recv_init(new Int32Array(1), rank, 1);
        request.Start();
        throws(() => request.Start(), "ERR_REQUEST");
        comm.Send(new Int32Array(1), rank, 1);
        request.Wait();
        request.Start();
        comm.Send(new Int32Array(1), rank, 1);
        request.Wait();
        request.Free();
      },
    },
  },
];

function throwsAny(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error("expected an error; there was none");
}
