import { MPI } from "tsmpi";
import { equal, isFalse, isTrue, refuses, throws } from "../check.mts";
import type { Suite } from "../suite.mts";

type Status = InstanceType<typeof MPI.Status>;

/** What a program keeps about an operation of its own. */
class Operation {
  isCompleted = false;
  isFreed = false;
  isCancelled = false;
  readonly query = (status: Status): void => {
    status.Set_source(3);
    status.Set_tag(7);
  };
  readonly free = (): void => {
    this.isFreed = true;
  };
  readonly cancel = (isCompleted: boolean): void => {
    this.isCancelled = true;
    if (isCompleted !== this.isCompleted)
      throw new MPI.Exception(MPI.ERR_PENDING);
  };
  start() {
    return MPI.Grequest.Start(this.query, this.free, this.cancel);
  }
}

function assertStatus(status: Status, source: number, tag: number): void {
  equal(status.Get_source(), source);
  equal(status.Get_tag(), tag);
  equal(status.Get_error(), MPI.SUCCESS);
  isFalse(status.Is_cancelled());
}

/** What a callback may throw, and the class under which it arrives. */
const FAILURES: readonly [string, () => never][] = [
  [
    "ERR_BUFFER",
    () => {
      throw new MPI.Exception(MPI.ERR_BUFFER);
    },
  ],
  [
    "ERR_OTHER",
    () => {
      throw new RangeError("42");
    },
  ],
];

export const suites: readonly Suite[] = [
  {
    name: "TestGrequest",
    cases: {
      "its copies are equal to it": () => {
        const request = new Operation().start();
        isTrue(request instanceof MPI.Grequest);
        isTrue(new MPI.Grequest(request).equals(request));
        isTrue(new MPI.Request(request).equals(request));
        refuses(() => new MPI.Prequest(request as never));
        request.Cancel();
        request.Complete();
        request.Wait();
      },

      "an error in the query function is raised by Wait": () => {
        for (const [code, fail] of FAILURES) {
          const { free, cancel } = new Operation();
          const request = MPI.Grequest.Start(fail, free, cancel);
          request.Complete();
          throws(() => request.Wait(), code);
          if (!request.isNull) request.Free();
        }
      },

      "an error in the free function is raised by Wait": () => {
        for (const [code, fail] of FAILURES) {
          const { query, cancel } = new Operation();
          const request = MPI.Grequest.Start(query, fail, cancel);
          request.Complete();
          throws(() => request.Wait(), code);
        }
      },

      "an error in the cancel function is raised by Cancel": () => {
        for (const [code, fail] of FAILURES) {
          const { query, free } = new Operation();
          const request = MPI.Grequest.Start(query, free, fail);
          throws(() => request.Cancel(), code);
          request.Complete();
          request.Wait();
          isTrue(request.isNull);
        }
      },

      "it tests false before it is complete, and calls its functions": () => {
        const operation = new Operation();
        const request = operation.start();
        isFalse(request.Test());
        isFalse(operation.isFreed);
        request.Cancel();
        isTrue(operation.isCancelled);
        operation.isCancelled = false;
        request.Complete();
        operation.isCompleted = true;
        request.Cancel();
        isTrue(operation.isCancelled);
        const status = new MPI.Status();
        isTrue(request.Test(status));
        assertStatus(status, 3, 7);
        isTrue(request.Wait());
        isTrue(operation.isFreed);
      },

      "it may have a query function alone": () => {
        const request = MPI.Grequest.Start(new Operation().query, null, null);
        isFalse(request.Test());
        request.Cancel();
        request.Complete();
        const status = new MPI.Status();
        isTrue(request.Test(status));
        assertStatus(status, 3, 7);
        request.Wait();
      },

      "it may have no function at all": () => {
        const request = MPI.Grequest.Start(null, null, null);
        isFalse(request.Test());
        request.Cancel();
        request.Complete();
        const status = new MPI.Status();
        isTrue(request.Test(status));
        assertStatus(status, MPI.ANY_SOURCE, MPI.ANY_TAG);
        request.Wait();
      },

      "test gives the value it was completed with, once": () => {
        const request = MPI.Grequest.Start();
        isFalse(request.Test());
        request.cancel();
        request.complete(42);
        const status = new MPI.Status();
        equal(request.test(status), [true, 42]);
        assertStatus(status, MPI.ANY_SOURCE, MPI.ANY_TAG);
        equal(request.wait(), null);
      },

      "wait gives the value it was completed with, once": () => {
        const request = MPI.Grequest.Start();
        isFalse(request.Test());
        request.cancel();
        request.complete(42);
        const status = new MPI.Status();
        equal(request.wait(status), 42);
        assertStatus(status, MPI.ANY_SOURCE, MPI.ANY_TAG);
        equal(request.test(), [true, null]);
      },

      "it can be awaited while the program completes it": async () => {
        const request = MPI.Grequest.Start();
        setTimeout(() => request.complete("later"), 1);
        const value: unknown = await request;
        equal(value, "later");
      },

      "waitall takes it beside others": () => {
        const comm = MPI.COMM_SELF;
        const request = MPI.Grequest.Start();
        request.complete("mine");
        const receive = comm.irecv(0, 3);
        comm.send("sent", 0, 3);
        equal(MPI.Request.waitall([request, receive]), ["mine", "sent"]);
      },
    },
  },
];
