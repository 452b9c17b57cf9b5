import { MPI } from "tsmpi";
import {
  equal,
  isFalse,
  isLive,
  isNull,
  isOneOf,
  isTrue,
  refuses,
  throws,
} from "../check.mts";
import type { Suite } from "../suite.mts";
import { range } from "../support/loops.mts";

export const suites: readonly Suite[] = [
  {
    name: "TestULFM",
    comms: ["SELF.Dup", "WORLD.Dup"],
    cases: {
      "a new communicator is not revoked": ({ comm }) => {
        isFalse(comm.Is_revoked());
      },

      "a revoked communicator refuses whatever communicates": ({ comm }) => {
        comm.Revoke();
        isTrue(comm.Is_revoked());
        throws(() => comm.Barrier(), "ERR_REVOKED");
        const nothing = [null, 0, MPI.BYTE] as const;
        throws(() => comm.Send(nothing, MPI.PROC_NULL), "ERR_REVOKED");
        throws(() => comm.Recv(nothing, MPI.PROC_NULL), "ERR_REVOKED");
        throws(() => comm.send(null, MPI.PROC_NULL), "ERR_REVOKED");
        throws(() => comm.bcast(null), "ERR_REVOKED");
      },

      "revoking wakes ranks that wait for a message that never comes": ({
        comm,
        rank,
        size,
      }) => {
        if (size === 1) return;
        if (rank === 0) comm.Revoke();
        else throws(() => comm.recv(0, 1), "ERR_REVOKED");
        isTrue(comm.Is_revoked());
      },

      "revoking one communicator leaves the others": ({ comm, size }) => {
        const dup = comm.Dup();
        dup.Revoke();
        equal(comm.allreduce(1), size);
        dup.Free();
      },

      "nobody has failed": ({ comm }) => {
        const group = comm.Get_failed();
        const compared = MPI.Group.Compare(group, MPI.GROUP_EMPTY);
        isOneOf(compared, [MPI.IDENT, MPI.CONGRUENT]);
        group.Free();
      },

      "no failure is acknowledged where there is none": ({ comm, size }) => {
        equal(comm.Ack_failed(0), 0);
        equal(comm.Ack_failed(size), 0);
        equal(comm.Ack_failed(), 0);
      },

      "Agree gives the flag that all have": ({ comm }) => {
        for (let flag = 0; flag < 5; flag++) equal(comm.Agree(flag), flag);
      },

      "Agree gives the bits that all have": ({ comm, rank, size }) => {
        for (let root = 0; root < size; root++)
          equal(
            comm.Agree(rank === root ? 0b1011 : 0b1101),
            size === 1 ? 0b1011 : 0b1001,
          );
      },

      "Agree refuses a flag that is no whole number of 32 bits": ({ comm }) => {
        for (const flag of ["1", 1.5, 2 ** 40, undefined])
          throws(() => comm.Agree(flag as never), "ERR_ARG");
        equal(comm.Agree(-1), -1);
      },

      "Agree ends by its deadline where a rank does not come": ({
        comm,
        rank,
        size,
      }) => {
        if (size === 1) return;
        if (rank === 0) {
          for (const other of range(size - 1)) comm.recv(other + 1);
          return;
        }
        comm.timeoutMs = 300;
        throws(() => comm.Agree(1), "ERR_TIMEOUT");
        comm.send(null, 0);
      },

      "Agree works on a revoked communicator": ({ comm }) => {
        comm.Revoke();
        equal(comm.Agree(6), 6);
      },

      "Iagree takes one Int32Array element": ({ comm }) => {
        refuses(() => comm.Iagree(0 as never));
        refuses(() => comm.Iagree(new Uint8Array(8) as never));
        const flag = new Int32Array(1);
        for (let value = 0; value < 5; value++) {
          flag[0] = value;
          comm.Iagree(flag).Wait();
          equal(flag[0], value);
        }
      },

      "Iagree is not complete before all have called it": ({
        comm,
        rank,
        size,
      }) => {
        if (size === 1) return;
        const flag = new Int32Array(1);
        for (let root = 0; root < size; root++) {
          comm.Barrier();
          flag[0] = rank === root ? 0b1011 : 0b1101;
          let request;
          if (rank === root) {
            request = comm.Iagree(flag);
            isFalse(request.Test());
            equal(flag[0], 0b1011);
            comm.Barrier();
          } else {
            comm.Barrier();
            equal(flag[0], 0b1101);
            request = comm.Iagree(flag);
          }
          request.Wait();
          equal(flag[0], 0b1001);
        }
      },

      "Shrink keeps everybody where nobody failed": ({ comm, rank, size }) => {
        const shrunk = comm.Shrink();
        equal(shrunk.Get_size(), size);
        equal(shrunk.Get_rank(), rank);
        equal(shrunk.allreduce(1), size);
        shrunk.Free();
      },

      "Shrink makes a communicator that works of a revoked one": ({
        comm,
        size,
      }) => {
        comm.Revoke();
        const shrunk = comm.Shrink();
        isFalse(shrunk.Is_revoked());
        equal(shrunk.allreduce(1), size);
        shrunk.Free();
      },

      "Ishrink keeps everybody where nobody failed": ({ comm, rank, size }) => {
        const [shrunk, request] = comm.Ishrink();
        isLive(request);
        request.Wait();
        isNull(request);
        equal(shrunk.Get_size(), size);
        equal(shrunk.Get_rank(), rank);
        equal(shrunk.allreduce(1), size);
        shrunk.Free();
      },
    },
  },
];
