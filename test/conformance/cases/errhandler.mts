import { MPI } from "tsmpi";
import { equal, isFalse, isLive, isNull, isTrue, throws } from "../check.mts";
import type { Comm, Suite } from "../suite.mts";

type Errhandler = typeof MPI.ERRORS_RETURN;

/** Sets it, gets it, sets back what there was. */
function setAndGet(comm: Comm, errhandler: Errhandler): void {
  const before = comm.Get_errhandler();
  isFalse(before.equals(MPI.ERRHANDLER_NULL));
  comm.Set_errhandler(errhandler);
  const now = comm.Get_errhandler();
  isTrue(now.equals(errhandler));
  now.Free();
  isTrue(now.equals(MPI.ERRHANDLER_NULL));
  comm.Set_errhandler(before);
  before.Free();
  isTrue(before.equals(MPI.ERRHANDLER_NULL));
  isLive(errhandler);
}

export const suites: readonly Suite[] = [
  {
    name: "TestErrhandler",
    cases: {
      "the predefined ones are live, the null one is not": () => {
        isNull(MPI.ERRHANDLER_NULL);
        isLive(MPI.ERRORS_ARE_FATAL, MPI.ERRORS_RETURN, MPI.ERRORS_ABORT);
      },

      "each equals itself alone": () => {
        const all = [
          MPI.ERRHANDLER_NULL,
          MPI.ERRORS_ARE_FATAL,
          MPI.ERRORS_RETURN,
          MPI.ERRORS_ABORT,
        ];
        for (const [i, one] of all.entries())
          for (const [j, other] of all.entries())
            equal(one.equals(other), i === j);
      },
    },
  },
  {
    name: "TestErrhandlerComm",
    comms: ["SELF.Dup"],
    cases: {
      "many of a program's own are called, each with its communicator": ({
        comm,
      }) => {
        const called: unknown[] = [];
        const errhandlers = Array.from({ length: 32 }, (_, index) =>
          MPI.Comm.Create_errhandler((of, code) => {
            called.push([index, comm.equals(of), code]);
          }),
        );
        const before = comm.Get_errhandler();
        for (const [index, errhandler] of errhandlers.entries()) {
          isLive(errhandler);
          comm.Set_errhandler(errhandler);
          comm.Call_errhandler(MPI.ERR_OTHER);
          equal(called.pop(), [index, true, MPI.ERR_OTHER]);
          equal(called, []);
          comm.Set_errhandler(before);
        }
        for (const errhandler of errhandlers) {
          errhandler.Free();
          isNull(errhandler);
        }
      },

      "with ERRORS_RETURN Call_errhandler returns": ({ comm }) => {
        comm.Set_errhandler(MPI.ERRORS_RETURN);
        comm.Call_errhandler(MPI.SUCCESS);
        comm.Call_errhandler(MPI.ERR_OTHER);
      },

      "what Get_errhandler gives can be freed many times": ({ comm }) => {
        const errhandlers = Array.from({ length: 100 }, () =>
          comm.Get_errhandler(),
        );
        for (const errhandler of errhandlers) errhandler.Free();
        for (const errhandler of errhandlers)
          isTrue(errhandler.equals(MPI.ERRHANDLER_NULL));
        isFalse(comm.Get_errhandler().isNull);
      },

      "ERRORS_RETURN can be set": ({ comm }) =>
        setAndGet(comm, MPI.ERRORS_RETURN),

      "ERRORS_ARE_FATAL can be set": ({ comm }) =>
        setAndGet(comm, MPI.ERRORS_ARE_FATAL),

      "ERRORS_ABORT can be set": ({ comm }) =>
        setAndGet(comm, MPI.ERRORS_ABORT),

      "errors are raised, as mpi4py sets it, unless a program says otherwise":
        ({ comm }) => {
          isTrue(comm.Get_errhandler().equals(MPI.ERRORS_RETURN));
          throws(() => comm.bcast(1, 7), "ERR_ROOT");
        },
    },
  },
];
