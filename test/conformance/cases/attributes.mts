import { MPI } from "tsmpi";
import { equal, isNull, isTrue, isFalse, throws } from "../check.mts";
import type { Comm, Suite } from "../suite.mts";

type CopyFunction = Parameters<typeof MPI.Comm.Create_keyval>[0];

const VALUE = [1, 2, 3];

/** Sets an attribute, duplicates, deletes. `copied` is what the duplicate must have. */
function live(comm: Comm, copy: CopyFunction, copied: unknown): void {
  const keyval = MPI.Comm.Create_keyval(copy);
  isFalse(keyval === MPI.KEYVAL_INVALID);
  equal(comm.Get_attr(keyval), null);
  comm.Set_attr(keyval, VALUE);
  isTrue(comm.Get_attr(keyval) === VALUE);
  const dup = comm.Dup();
  isTrue(dup.Get_attr(keyval) === copied);
  dup.Free();
  isTrue(comm.Get_attr(keyval) === VALUE);
  comm.Delete_attr(keyval);
  equal(comm.Get_attr(keyval), null);
  equal(MPI.Comm.Free_keyval(keyval), MPI.KEYVAL_INVALID);
}

export const suites: readonly Suite[] = [
  {
    name: "TestCommAttr",
    comms: ["SELF.Dup", "WORLD.Dup"],
    cases: {
      "without a copy function a Dup has no attribute": ({ comm }) => {
        live(comm, null, null);
        live(comm, undefined, null);
      },

      "copied with false a Dup has no attribute": ({ comm }) =>
        live(comm, false, null),

      "copied with true a Dup has the same value": ({ comm }) =>
        live(comm, true, VALUE),

      "a copy function that returns undefined copies nothing": ({ comm }) =>
        live(comm, () => undefined, null),

      "a copy function gets communicator, key and value, and gives the copy": ({
        comm,
      }) => {
        const copy = { is: "a copy" };
        const seen: unknown[][] = [];
        live(
          comm,
          (...seenNow: unknown[]) => {
            seen.push(seenNow.slice(1));
            isTrue(comm.equals(seenNow[0]));
            return copy;
          },
          copy,
        );
        equal(seen.length, 1);
        isTrue(seen[0]![1] === VALUE);
      },

      "a delete function is called by Delete_attr, Set_attr and Free": ({
        comm,
      }) => {
        const deleted: unknown[] = [];
        const keyval = MPI.Comm.Create_keyval(true, (_, key, value) => {
          equal(key, keyval);
          deleted.push(value);
        });
        comm.Set_attr(keyval, "first");
        comm.Set_attr(keyval, "second");
        equal(deleted, ["first"]);
        const dup = comm.Dup();
        dup.Free();
        equal(deleted, ["first", "second"]);
        comm.Delete_attr(keyval);
        equal(deleted, ["first", "second", "second"]);
        equal(MPI.Comm.Free_keyval(keyval), MPI.KEYVAL_INVALID);
      },

      "numbers are attributes, 0 as well": ({ comm }) => {
        for (const number of [123456789, 0]) {
          const keyval = MPI.Comm.Create_keyval((_, __, value) => value);
          comm.Set_attr(keyval, number);
          equal(comm.Get_attr(keyval), number);
          const dup = comm.Dup();
          equal(dup.Get_attr(keyval), number);
          dup.Free();
          comm.Delete_attr(keyval);
          equal(comm.Get_attr(keyval), null);
          MPI.Comm.Free_keyval(keyval);
        }
      },

      "an error in the delete function is raised": ({ comm }) => {
        const keyval = MPI.Comm.Create_keyval(null, () => {
          throw new RangeError("cannot delete");
        });
        comm.Set_attr(keyval, "value");
        const error = throws(() => comm.Delete_attr(keyval), "ERR_OTHER");
        isTrue(
          error.cause instanceof RangeError ||
            error.message.includes("cannot delete"),
        );
        MPI.Comm.Free_keyval(keyval);
        const other = MPI.Comm.Create_keyval();
        comm.Set_attr(other, "value");
        comm.Delete_attr(other);
        MPI.Comm.Free_keyval(other);
      },

      "a communicator as an attribute is duplicated and freed with it": ({
        comm,
      }) => {
        const keyval = MPI.Comm.Create_keyval(
          (_, __, value) => (value as Comm).Dup(),
          (_, __, value) => (value as Comm).Free(),
        );
        const attribute = comm.Dup();
        comm.Set_attr(keyval, attribute);
        const dup = comm.Dup();
        const copy = dup.Get_attr(keyval) as Comm;
        isFalse(copy.equals(attribute));
        dup.Free();
        isNull(copy);
        comm.Delete_attr(keyval);
        isNull(attribute);
        MPI.Comm.Free_keyval(keyval);
      },

      "a key that was freed, or is none, is refused": ({ comm }) => {
        const keyval = MPI.Comm.Create_keyval();
        MPI.Comm.Free_keyval(keyval);
        const codes = ["ERR_KEYVAL", "ERR_OTHER"];
        throws(() => comm.Set_attr(keyval, 1), codes);
        throws(() => comm.Get_attr(MPI.KEYVAL_INVALID), codes);
        throws(() => comm.Delete_attr(MPI.KEYVAL_INVALID), codes);
        throws(() => MPI.Comm.Free_keyval(MPI.KEYVAL_INVALID), codes);
      },
    },
  },
];
