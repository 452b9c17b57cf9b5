import { MPI } from "tsmpi";
import { equal, isFalse, isTrue, refuses } from "../check.mts";
import type { Suite } from "../suite.mts";

export const suites: readonly Suite[] = [
  {
    name: "TestStatus",
    cases: {
      "a new one has no source, no tag and no error": () => {
        const status = new MPI.Status();
        equal(status.Get_source(), MPI.ANY_SOURCE);
        equal(status.Get_tag(), MPI.ANY_TAG);
        equal(status.Get_error(), MPI.SUCCESS);
      },

      "a new one counts 0": () => {
        equal(new MPI.Status().Get_count(), 0);
        equal(new MPI.Status().Get_count(MPI.BYTE), 0);
      },

      "a new one has 0 elements": () => {
        equal(new MPI.Status().Get_elements(MPI.BYTE), 0);
      },

      "Set_elements sets count and elements": () => {
        const status = new MPI.Status();
        status.Set_elements(MPI.BYTE, 7);
        equal(status.Get_count(MPI.BYTE), 7);
        equal(status.Get_elements(MPI.BYTE), 7);
      },

      "Get_count is UNDEFINED where the bytes are no whole elements": () => {
        const status = new MPI.Status();
        status.Set_elements(MPI.BYTE, 7);
        equal(status.Get_count(MPI.INT), MPI.UNDEFINED);
        status.Set_elements(MPI.INT, 3);
        equal(status.Get_count(MPI.BYTE), 12);
      },

      "a new one is not cancelled": () => {
        isFalse(new MPI.Status().Is_cancelled());
      },

      "Set_cancelled marks it": () => {
        const status = new MPI.Status();
        status.Set_cancelled(true);
        isTrue(status.Is_cancelled());
      },

      "the setters set": () => {
        const status = new MPI.Status();
        status.Set_source(1);
        status.Set_tag(2);
        status.Set_error(MPI.ERR_ARG);
        equal(status.Get_source(), 1);
        equal(status.Get_tag(), 2);
        equal(status.Get_error(), MPI.ERR_ARG);
      },

      "its properties can be read and written": () => {
        const status = new MPI.Status();
        equal(status.Get_source(), status.source);
        equal(status.Get_tag(), status.tag);
        equal(status.Get_error(), status.error);
        status.source = 1;
        status.tag = 2;
        status.error = MPI.ERR_ARG;
        equal(status.source, 1);
        equal(status.tag, 2);
        equal(status.error, MPI.ERR_ARG);
        equal(status.count, 0);
        status.count = 7;
        equal(status.count, 7);
        isFalse(status.cancelled);
        status.cancelled = true;
        isTrue(status.cancelled);
        status.cancelled = false;
        isFalse(status.cancelled);
      },

      "it is made of another status or of nothing": () => {
        refuses(() => new MPI.Status(123 as never));
        refuses(() => new MPI.Status("abc" as never));
      },

      "a copy has what the original has": () => {
        const status = new MPI.Status();
        status.source = 1;
        status.tag = 2;
        status.error = MPI.ERR_ARG;
        status.Set_elements(MPI.BYTE, 7);
        status.Set_cancelled(true);
        const copy = new MPI.Status(status);
        status.source = 5;
        equal(copy.source, 1);
        equal(copy.tag, 2);
        equal(copy.error, MPI.ERR_ARG);
        equal(copy.Get_count(MPI.BYTE), 7);
        equal(copy.Get_elements(MPI.BYTE), 7);
        isTrue(copy.Is_cancelled());
      },
    },
  },
];
