import { MPI } from "tsmpi";
import { equal, isFalse, isLive, isNull, isTrue, refuses } from "../check.mts";
import type { Suite } from "../suite.mts";

interface Handle {
  readonly isNull: boolean;
  equals(other: unknown): boolean;
  free(): void;
}

type HandleClass = new (from?: unknown) => Handle;

/** The null handle of each class. */
const nulls = (): readonly Handle[] => [
  MPI.DATATYPE_NULL,
  MPI.REQUEST_NULL,
  MPI.INFO_NULL,
  MPI.ERRHANDLER_NULL,
  MPI.GROUP_NULL,
  MPI.OP_NULL,
  MPI.MESSAGE_NULL,
  MPI.COMM_NULL,
];

const constants = (): readonly Handle[] => [
  MPI.INT,
  MPI.LONG,
  MPI.FLOAT,
  MPI.DOUBLE,
  MPI.INFO_ENV,
  MPI.SUM,
  MPI.PROD,
  MPI.GROUP_EMPTY,
  MPI.ERRORS_ABORT,
  MPI.ERRORS_ARE_FATAL,
  MPI.ERRORS_RETURN,
  MPI.MESSAGE_NO_PROC,
  MPI.COMM_SELF,
  MPI.COMM_WORLD,
];

const classOf = (handle: Handle) => handle.constructor as HandleClass;

export const suites: readonly Suite[] = [
  {
    name: "TestObjModel",
    cases: {
      "null handles equal themselves, and neither those of another class nor anything else":
        () => {
          for (const [i, one] of nulls().entries()) {
            for (const [j, other] of nulls().entries())
              equal(one.equals(other), i === j, `${i} and ${j}`);
            for (const other of [
              null,
              undefined,
              true,
              false,
              12345,
              "abc",
              [123],
              {},
              new Set(),
            ])
              isFalse(one.equals(other));
          }
        },

      "null handles say that they are null": () => {
        isNull(...nulls());
      },

      "a new handle is null, and may be made of one of its class": () => {
        for (const handle of nulls()) {
          const Class = classOf(handle);
          isTrue(new Class().equals(handle));
          isTrue(new Class(handle).equals(handle));
        }
      },

      "a handle is made of one of its class or of nothing": () => {
        for (const [i, handle] of nulls().entries()) {
          const Class = classOf(handle);
          for (const [j, other] of nulls().entries())
            if (i !== j) refuses(() => new Class(other));
          refuses(() => new Class(1234));
          refuses(() => new Class("abc"));
        }
      },

      "freeing a null handle twice does nothing": () => {
        for (const handle of nulls()) {
          handle.free();
          isNull(handle);
          handle.free();
          isNull(handle);
        }
      },

      "freeing a constant does nothing": () => {
        for (const handle of constants()) {
          for (let k = 0; k < 3; k++) {
            handle.free();
            isLive(handle);
          }
        }
      },

      "freeing a copy of a constant frees the copy alone": () => {
        for (const handle of constants()) {
          if (handle instanceof MPI.Errhandler) continue;
          const copy = new (classOf(handle))(handle);
          isLive(copy);
          for (let k = 0; k < 3; k++) {
            copy.free();
            isNull(copy);
          }
          isLive(handle);
        }
      },

      "freeing what was made, twice, is allowed": () => {
        const made = [
          MPI.COMM_SELF.Isend([null, 0, MPI.BYTE], MPI.PROC_NULL),
          MPI.Op.Create(() => undefined),
          MPI.COMM_SELF.Get_group(),
          MPI.COMM_SELF.Get_errhandler(),
          MPI.COMM_SELF.Dup(),
          MPI.Info.Create(),
        ] as unknown as readonly Handle[];
        isLive(...made);
        for (const handle of made)
          for (let k = 0; k < 3; k++) {
            handle.free();
            isNull(handle);
          }
      },

      "handles cannot be sent": () => {
        for (const handle of [...nulls(), ...constants()])
          refuses(() => MPI.COMM_SELF.isend(handle, 0));
        isFalse(MPI.COMM_SELF.iprobe());
      },
    },
  },
];
