import { MPI } from "tsmpi";
import { equal, ok, throws } from "../check.mts";
import type { Suite } from "../suite.mts";
import { PLAIN_KINDS } from "../arrays.mts";

const SIZES = Array.from({ length: 100 }, (_, k) => 100 * k);

export const suites: readonly Suite[] = [
  {
    name: "TestMemory",
    cases: {
      "memory of every size is had and given back": () => {
        for (const size of SIZES) {
          const memory = MPI.Alloc_mem(Uint8Array, size);
          equal(memory.length, size);
          ok(memory.every((byte) => byte === 0));
          memory.fill(255);
          MPI.Free_mem(memory);
        }
      },

      "memory of every type is had and given back": () => {
        for (const kind of PLAIN_KINDS) {
          const Type = kind.filled(0, 0).constructor as Float64ArrayConstructor;
          const memory = MPI.Alloc_mem(Type, 1000);
          equal(memory, kind.filled(1000, 0));
          MPI.Free_mem(memory);
        }
      },

      "what is no typed array, and no length, is refused": () => {
        throws(() => MPI.Alloc_mem(10 as never, 1), "ERR_ARG");
        throws(() => MPI.Alloc_mem(Array as never, 1), "ERR_ARG");
        throws(() => MPI.Alloc_mem(Float32Array, -1), "ERR_COUNT");
        throws(() => MPI.Alloc_mem(Float32Array, 1.5), "ERR_COUNT");
      },

      "two pieces do not overlap": () => {
        const [one, other] = [1, 2].map((value) =>
          MPI.Alloc_mem(Int32Array, 1000).fill(value),
        );
        ok(one!.every((value) => value === 1));
        ok(other!.every((value) => value === 2));
        MPI.Free_mem(one!);
        MPI.Free_mem(other!);
      },
    },
  },
];
