import { MPI } from "tsmpi";
import { equal, isTrue, isFalse, throws } from "../check.mts";
import type { Suite } from "../suite.mts";

type Status = InstanceType<typeof MPI.Status>;

const nulls = () => Array.from({ length: 5 }, () => new MPI.Request());

/** Statuses that no call has left so. */
const statuses = () =>
  Array.from({ length: 5 }, () => {
    const status = new MPI.Status();
    status.source = 0;
    status.tag = 0;
    status.error = MPI.ERR_OTHER;
    return status;
  });

function assertEmpty(status: Status): void {
  equal(status.Get_source(), MPI.ANY_SOURCE);
  equal(status.Get_tag(), MPI.ANY_TAG);
  equal(status.Get_error(), MPI.SUCCESS);
  equal(status.Get_count(MPI.BYTE), 0);
  equal(status.Get_elements(MPI.BYTE), 0);
  isFalse(status.Is_cancelled());
}

export const suites: readonly Suite[] = [
  {
    name: "TestRequest",
    cases: {
      "waiting for a null request returns at once": () => {
        const request = new MPI.Request();
        const status = new MPI.Status();
        isTrue(request.Wait());
        isTrue(request.Wait(null));
        isTrue(request.Wait(status));
        assertEmpty(status);
        equal(request.wait(), null);
        equal(request.wait(null), null);
        equal(request.wait(status), null);
      },

      "testing a null request is true": () => {
        const request = new MPI.Request();
        const status = new MPI.Status();
        isTrue(request.Test());
        isTrue(request.Test(null));
        isTrue(request.Test(status));
        equal(request.test(), [true, null]);
        equal(request.test(null), [true, null]);
        equal(request.test(status), [true, null]);
      },

      "the status of a null request is empty": () => {
        const request = new MPI.Request();
        const [status] = statuses();
        isTrue(request.Get_status());
        isTrue(request.Get_status(status));
        assertEmpty(status!);
        isTrue(request.get_status());
        isTrue(request.get_status(status));
        assertEmpty(status!);
      },

      "a null request equals REQUEST_NULL": () => {
        isTrue(new MPI.Request().equals(MPI.REQUEST_NULL));
        isTrue(new MPI.Request().isNull);
      },
    },
  },
  {
    name: "TestRequestArray",
    cases: {
      "Waitany and waitany of nulls give UNDEFINED": () => {
        const status = new MPI.Status();
        equal(MPI.Request.Waitany(nulls()), MPI.UNDEFINED);
        equal(MPI.Request.Waitany(nulls(), null), MPI.UNDEFINED);
        equal(MPI.Request.Waitany(nulls(), status), MPI.UNDEFINED);
        equal(MPI.Request.waitany(nulls()), [MPI.UNDEFINED, null]);
        equal(MPI.Request.waitany(nulls(), null), [MPI.UNDEFINED, null]);
        equal(MPI.Request.waitany(nulls(), status), [MPI.UNDEFINED, null]);
        equal(MPI.Request.waitany([]), [MPI.UNDEFINED, null]);
      },

      "null stands for a null request": ({ comm }) => {
        const { Request, UNDEFINED } = MPI;
        equal(Request.waitany([null, null]), [UNDEFINED, null]);
        equal(Request.testany([null]), [UNDEFINED, true, null]);
        equal(Request.waitsome([null]), [null, null]);
        equal(Request.waitall([null, comm.iallreduce(1)]), [null, 1]);
        isTrue(Request.Waitall([null]));
        throws(() => Request.waitall([5 as never]), "ERR_REQUEST");
      },

      "Testany and testany of nulls give UNDEFINED and true": () => {
        const status = new MPI.Status();
        const expected = [MPI.UNDEFINED, true];
        equal(MPI.Request.Testany(nulls()), expected);
        equal(MPI.Request.Testany(nulls(), null), expected);
        equal(MPI.Request.Testany(nulls(), status), expected);
        equal(MPI.Request.testany(nulls()), [...expected, null]);
        equal(MPI.Request.testany(nulls(), null), [...expected, null]);
        equal(MPI.Request.testany(nulls(), status), [...expected, null]);
      },

      "Get_status_any of nulls gives UNDEFINED, true and an empty status":
        () => {
          const expected = [MPI.UNDEFINED, true];
          const [status] = statuses();
          equal(MPI.Request.Get_status_any(nulls()), expected);
          equal(MPI.Request.Get_status_any(nulls(), null), expected);
          equal(MPI.Request.Get_status_any(nulls(), status), expected);
          assertEmpty(status!);
          equal(MPI.Request.get_status_any(nulls()), expected);
        },

      "the statuses say which of several requests have failed, and how": () => {
        const comm = MPI.COMM_SELF;
        const requests = [3, 1].flatMap((length) => [
          comm.Isend(new Float32Array(length), 0),
          comm.Irecv(new Float32Array(2), 0),
        ]);
        const seen: Status[] = [];
        throws(() => MPI.Request.Waitall(requests, seen), "ERR_TRUNCATE");
        equal(
          seen.map(({ error }) => error),
          [MPI.SUCCESS, MPI.ERR_TRUNCATE, MPI.SUCCESS, MPI.SUCCESS],
        );
        isTrue(requests.every(({ isNull }) => isNull));
      },

      "Waitall and waitall of nulls fill and extend the statuses": () => {
        isTrue(MPI.Request.Waitall(nulls()));
        isTrue(MPI.Request.Waitall(nulls(), null));
        equal(MPI.Request.waitall(nulls()), Array(5).fill(null));
        equal(MPI.Request.waitall(nulls(), null), Array(5).fill(null));
        for (const call of ["Waitall", "waitall"] as const)
          for (const filled of [statuses(), statuses().slice(0, 1), []]) {
            MPI.Request[call](nulls(), filled);
            equal(filled.length, 5);
            for (const status of filled) assertEmpty(status);
          }
      },

      "Testall and testall of nulls fill and extend the statuses": () => {
        isTrue(MPI.Request.Testall(nulls()));
        isTrue(MPI.Request.Testall(nulls(), null));
        equal(MPI.Request.testall(nulls()), [true, Array(5).fill(null)]);
        equal(MPI.Request.testall(nulls(), null), [true, Array(5).fill(null)]);
        for (const call of ["Testall", "testall"] as const)
          for (const filled of [statuses(), []]) {
            MPI.Request[call](nulls(), filled);
            equal(filled.length, 5);
            for (const status of filled) assertEmpty(status);
          }
      },

      "Get_status_all of nulls is true and empties the statuses": () => {
        const filled = statuses();
        isTrue(MPI.Request.Get_status_all(nulls()));
        isTrue(MPI.Request.Get_status_all(nulls(), null));
        isTrue(MPI.Request.Get_status_all(nulls(), filled));
        for (const status of filled) assertEmpty(status);
        isTrue(MPI.Request.get_status_all(nulls()));
      },

      "Waitsome and waitsome of nulls give null": () => {
        equal(MPI.Request.Waitsome(nulls()), null);
        equal(MPI.Request.Waitsome(nulls(), null), null);
        equal(MPI.Request.waitsome(nulls()), [null, null]);
        for (const left of [statuses(), []]) {
          const { length } = left;
          equal(MPI.Request.Waitsome(nulls(), left), null);
          equal(left.length, length);
        }
      },

      "Testsome and testsome of nulls give null": () => {
        equal(MPI.Request.Testsome(nulls()), null);
        equal(MPI.Request.Testsome(nulls(), null), null);
        equal(MPI.Request.testsome(nulls()), [null, null]);
        for (const left of [statuses(), []]) {
          const { length } = left;
          equal(MPI.Request.Testsome(nulls(), left), null);
          equal(left.length, length);
        }
      },

      "Get_status_some of nulls gives null": () => {
        const left = statuses();
        equal(MPI.Request.Get_status_some(nulls()), null);
        equal(MPI.Request.Get_status_some(nulls(), null), null);
        equal(MPI.Request.Get_status_some(nulls(), left), null);
        equal(MPI.Request.get_status_some(nulls()), null);
      },
    },
  },
  {
    name: "TestRequestStatus",
    comms: ["SELF", "WORLD"],
    cases: {
      "Get_status tells of a request and leaves it": ({ comm, rank }) => {
        const request = comm.irecv({ source: rank, tag: 4 });
        isFalse(request.Get_status());
        comm.ssend("value", rank, 4);
        const status = new MPI.Status();
        while (!request.Get_status(status));
        equal([status.source, status.tag], [rank, 4]);
        isFalse(request.isNull);
        const [index, flag] = MPI.Request.Get_status_any([
          new MPI.Request(),
          request,
        ]);
        equal([index, flag], [1, true]);
        isTrue(MPI.Request.Get_status_all([request]));
        equal(MPI.Request.Get_status_some([new MPI.Request(), request]), [1]);
        isFalse(request.isNull);
        equal(request.wait(), "value");
      },

      "Get_status_some of requests that are not complete gives an empty list":
        ({ comm, rank }) => {
          const request = comm.irecv({ source: rank, tag: 4 });
          equal(MPI.Request.Get_status_some([request]), []);
          equal(MPI.Request.Get_status_any([request]), [MPI.UNDEFINED, false]);
          isFalse(MPI.Request.Get_status_all([request]));
          comm.send(null, rank, 4);
          request.wait();
        },

      "a receive that is cancelled completes, and says so": ({
        comm,
        rank,
      }) => {
        const request = comm.irecv({ source: rank, tag: 4 });
        request.Cancel();
        const status = new MPI.Status();
        isTrue(request.Wait(status));
        isTrue(status.Is_cancelled());
        isTrue(request.isNull);
        comm.send("kept", rank, 4);
        equal(comm.recv(rank, 4), "kept");
      },

      "a completed request refuses Cancel and Free, and waits for nothing": ({
        comm,
        rank,
      }) => {
        const request = comm.isend("value", rank, 4);
        equal(comm.recv(rank, 4), "value");
        equal(request.wait(), null);
        isTrue(request.isNull);
        throws(() => request.Cancel(), "ERR_REQUEST");
        throws(() => request.cancel(), "ERR_REQUEST");
        throws(() => request.Free(), "ERR_REQUEST");
        equal(request.wait(), null);
        equal(request.test(), [true, null]);
        isTrue(request.Wait());
      },

      "requests are thenables": async ({ comm, rank, size }) => {
        const value: unknown = await comm.iallreduce(1);
        equal(value, size);
        const receive = comm.irecv({ source: rank, tag: 4 });
        equal(await comm.isend("value", rank, 4), null);
        const received: unknown = await receive;
        equal(received, "value");
        isTrue(receive.isNull);
        equal(
          await Promise.all([
            comm.irecv({ source: rank, tag: 5 }),
            comm.isend(5, rank, 5),
          ]),
          [5, null],
        );
      },
    },
  },
];
