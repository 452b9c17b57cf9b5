import { MPI } from "tsmpi";
import { isTrue } from "../check.mts";
import type { Suite } from "../suite.mts";

/** No elements, in the two forms in which a call may get them. */
const none = () => [null, MPI.INT] as const;
const noneEach = () => [null, [0, null], MPI.INT] as const;

export const suites: readonly Suite[] = [
  {
    name: "TestMessageZero",
    comms: ["SELF", "WORLD"],
    cases: {
      "messages may have no elements": ({ comm, rank }) => {
        comm.Sendrecv({
          sendbuf: none(),
          dest: rank,
          recvbuf: none(),
          source: rank,
        });
        const receive = comm.Irecv(none(), rank);
        const send = comm.Isend(none(), rank);
        isTrue(MPI.Request.Waitall([send, receive]));
      },

      "collectives may have no elements": ({ comm }) => {
        comm.Bcast(none());
        comm.Gather(none(), none());
        comm.Scatter(none(), none());
        comm.Allgather(none(), none());
        comm.Alltoall(none(), none());
      },

      "vector collectives may have no elements": ({ comm }) => {
        comm.Gatherv(none(), noneEach());
        comm.Scatterv(noneEach(), none());
        comm.Allgatherv(none(), noneEach());
        comm.Alltoallv(noneEach(), noneEach());
      },

      "reductions may have no elements": ({ comm, size }) => {
        comm.Reduce(none(), none());
        comm.Allreduce(none(), none());
        comm.Reduce_scatter_block(none(), none());
        comm.Reduce_scatter(none(), none(), Array<number>(size).fill(0));
        comm.Scan(none(), none());
        comm.Exscan(none(), none());
      },
    },
  },
];
