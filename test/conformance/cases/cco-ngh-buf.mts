import { MPI } from "tsmpi";
import { PLAIN_KINDS } from "../arrays.mts";
import { equal } from "../check.mts";
import { COMMS, type Suite } from "../suite.mts";
import { neighborCases } from "../support/neighbor-collectives.mts";

export const suites: readonly Suite[] = [
  {
    name: "CCONghBuf",
    comms: COMMS,
    cases: {
      ...neighborCases(["blocking", "non-blocking"]),

      "neighbours beyond the end of a line are PROC_NULL, and their parts stay as they are":
        ({ comm, rank, size }) => {
          const line = comm.Create_cart([size], [false]);
          const before = rank > 0 ? rank - 1 : MPI.PROC_NULL;
          const behind = rank < size - 1 ? rank + 1 : MPI.PROC_NULL;
          equal(line.Shift(0, 1), [before, behind]);
          for (const kind of PLAIN_KINDS) {
            const received = kind.filled(2, 99);
            line.Neighbor_allgather(kind.filled(1, rank), received);
            equal(
              received,
              kind.from(2, (side) => {
                const neighbor = side === 0 ? before : behind;
                return neighbor === MPI.PROC_NULL ? 99 : neighbor;
              }),
            );
          }
          line.Free();
        },
    },
  },
];
