import { hostname } from "node:os";
import { MPI } from "tsmpi";
import { equal, isFalse, isOneOf, isTrue, ok } from "../check.mts";
import type { Suite } from "../suite.mts";

export const suites: readonly Suite[] = [
  {
    name: "TestEnviron",
    cases: {
      "it is initialized": () => {
        isTrue(MPI.Is_initialized());
      },

      "it is not finalized": () => {
        isFalse(MPI.Is_finalized());
      },

      "it says which MPI it follows": () => {
        const version = MPI.Get_version();
        equal(version.length, 2);
        for (const number of version) ok(Number.isInteger(number));
        ok(version[0] >= 1 && version[1] >= 0);
      },

      "it says its own version": () => {
        const version = MPI.Get_library_version();
        equal(typeof version, "string");
        ok(version.length > 0);
      },

      "the processor name is the host's": () => {
        equal(MPI.Get_processor_name(), hostname());
      },

      "what is known of the hardware is an Info": () => {
        const info = MPI.Get_hw_resource_info();
        ok(info instanceof MPI.Info);
        info.Free();
      },

      "Wtime goes on": () => {
        const before = MPI.Wtime();
        equal(typeof before, "number");
        ok(MPI.Wtime() >= before);
      },

      "Wtime counts seconds": () => {
        const before = MPI.Wtime();
        const beforeMs = performance.now();
        while (performance.now() - beforeMs < 20);
        const passed = MPI.Wtime() - before;
        ok(passed > 0.015 && passed < 5, String(passed));
      },

      "Wtick is more than nothing": () => {
        ok(MPI.Wtick() > 0);
      },

      "Pcontrol takes every level": () => {
        for (const level of [2, 1, 0]) MPI.Pcontrol(level);
        MPI.Pcontrol(1);
      },
    },
  },
  {
    name: "TestWorldAttrs",
    cases: {
      "whether Wtime is global is yes or no, if it is known": () => {
        const value = MPI.COMM_WORLD.Get_attr(MPI.WTIME_IS_GLOBAL);
        isOneOf(value, [null, true, false]);
      },

      "who can do input and output is a rank, or anybody": () => {
        const value = MPI.COMM_WORLD.Get_attr(MPI.IO);
        isOneOf(value, [
          null,
          ...Array(MPI.COMM_WORLD.size).keys(),
          MPI.UNDEFINED,
          MPI.ANY_SOURCE,
          MPI.PROC_NULL,
        ]);
      },

      "the number of the application is not negative": () => {
        const value = MPI.COMM_WORLD.Get_attr(MPI.APPNUM) as number | null;
        ok(value === null || value === MPI.UNDEFINED || value >= 0);
      },

      "the size of the universe is not negative": () => {
        const value = MPI.COMM_WORLD.Get_attr(MPI.UNIVERSE_SIZE) as
          number | null;
        ok(value === null || value === MPI.UNDEFINED || value >= 0);
      },

      "the last used code is not negative": () => {
        ok((MPI.COMM_WORLD.Get_attr(MPI.LASTUSEDCODE) as number) >= 0);
      },

      "the largest tag can be used": () => {
        const largest = MPI.COMM_WORLD.Get_attr(MPI.TAG_UB) as number;
        ok(largest >= 32_767);
        const request = MPI.COMM_SELF.isend("far", 0, largest);
        equal(MPI.COMM_SELF.recv(0, largest), "far");
        request.wait();
      },
    },
  },
];
