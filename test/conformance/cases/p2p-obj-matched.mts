import { MPI } from "tsmpi";
import {
  equal,
  isFalse,
  isLive,
  isNull,
  isTrue,
  ok,
  until,
} from "../check.mts";
import type { Comm, Suite } from "../suite.mts";
import { VALUES } from "../support/values.mts";

type Message = NonNullable<ReturnType<Comm["improbe"]>>;

/** Asks until there is a message. */
function found(look: () => Message | null): Message {
  let message: Message | null = null;
  until(() => (message = look()) !== null);
  return message!;
}

export const suites: readonly Suite[] = [
  {
    name: "TestMessage",
    cases: {
      "the null message is what a new one is": () => {
        isNull(MPI.MESSAGE_NULL);
        isTrue(MPI.MESSAGE_NULL.equals(new MPI.Message()));
        isTrue(MPI.MESSAGE_NULL.equals(new MPI.Message(MPI.MESSAGE_NULL)));
      },

      "MESSAGE_NO_PROC can be received again and again": () => {
        const noProc = MPI.MESSAGE_NO_PROC;
        isLive(noProc);
        equal(noProc.recv(), null);
        isLive(noProc);
        equal(noProc.irecv().wait(), null);
        isLive(noProc);
        isFalse(noProc.equals(MPI.MESSAGE_NULL));
      },

      "a copy of MESSAGE_NO_PROC is used up when it is received": () => {
        const copy = new MPI.Message(MPI.MESSAGE_NO_PROC);
        isLive(copy);
        isTrue(copy.equals(MPI.MESSAGE_NO_PROC));
        equal(copy.recv(), null);
        isTrue(copy.equals(MPI.MESSAGE_NULL));

        const another = new MPI.Message(MPI.MESSAGE_NO_PROC);
        const request = another.irecv();
        isTrue(another.equals(MPI.MESSAGE_NULL));
        isFalse(request.equals(MPI.REQUEST_NULL));
        equal(request.wait(), null);
        isTrue(request.equals(MPI.REQUEST_NULL));
      },

      "mprobe and improbe of PROC_NULL give MESSAGE_NO_PROC": () => {
        const comm = MPI.COMM_SELF;
        isTrue(comm.mprobe(MPI.PROC_NULL).equals(MPI.MESSAGE_NO_PROC));
        isTrue(comm.improbe(MPI.PROC_NULL)!.equals(MPI.MESSAGE_NO_PROC));
      },
    },
  },
  {
    name: "TestP2PMatchedObj",
    comms: ["SELF", "WORLD", "SELF.Dup", "WORLD.Dup"],
    cases: {
      "improbe gives null where there is no message": ({ comm }) => {
        const dup = comm.Dup();
        equal(dup.improbe(), null);
        equal(dup.improbe(MPI.ANY_SOURCE), null);
        equal(dup.improbe(MPI.ANY_SOURCE, MPI.ANY_TAG), null);
        const status = new MPI.Status();
        equal(dup.improbe(MPI.ANY_SOURCE, MPI.ANY_TAG, status), null);
        equal(status.source, MPI.ANY_SOURCE);
        equal(status.tag, MPI.ANY_TAG);
        equal(status.error, MPI.SUCCESS);
        equal(MPI.Message.iprobe(dup), null);
        const send = dup.isend(null, dup.rank, 0);
        const receive = dup.mprobe(dup.rank, 0).irecv();
        equal(MPI.Request.waitall([send, receive]), [null, null]);
        dup.Free();
      },

      "a message to oneself is matched and received": ({ comm, rank }) => {
        for (const value of VALUES) {
          let send = comm.isend(value, rank, 0);
          const message = comm.mprobe(rank, 0);
          ok(message instanceof MPI.Message);
          isLive(message);
          const receive = message.irecv();
          isNull(message);
          isLive(send, receive);
          equal(MPI.Request.waitall([send, receive]), [null, value]);
          isNull(send, receive);

          send = comm.isend(value, rank, 0);
          const other = MPI.Message.probe(comm, rank, 0);
          ok(other instanceof MPI.Message);
          isLive(other);
          equal(other.recv(), value);
          isNull(other);
          send.wait();
        }
      },

      "messages between two ranks are matched and received": ({
        comm,
        rank,
      }) => {
        if (comm.size === 1 || rank > 1) return;
        const peer = 1 - rank;
        for (const value of VALUES) {
          const receive = () => {
            const message = comm.mprobe(peer, 0);
            isLive(message);
            equal(message.recv(), value);
            isNull(message);
          };
          const poll = () =>
            equal(
              found(() => MPI.Message.iprobe(comm, peer, 1))
                .irecv()
                .wait(),
              value,
            );
          if (rank === 0) {
            comm.send(value, peer, 0);
            receive();
            comm.send(value, peer, 1);
            poll();
          } else {
            receive();
            comm.send(value, peer, 0);
            poll();
            comm.send(value, peer, 1);
          }
        }
      },

      "a matched message is nobody else's": ({ comm, rank }) => {
        const sends = ["first", "second"].map((value) =>
          comm.isend(value, rank, 7),
        );
        const message = comm.mprobe({ source: rank, tag: 7 });
        equal(comm.recv(rank, 7), "second");
        equal(message.recv(), "first");
        MPI.Request.waitall(sends);
      },

      "the status of a matched message says whose it is": ({ comm, rank }) => {
        const send = comm.isend("value", rank, 9);
        const status = new MPI.Status();
        const message = comm.mprobe(MPI.ANY_SOURCE, MPI.ANY_TAG, status);
        equal([status.source, status.tag], [rank, 9]);
        const received = new MPI.Status();
        equal(message.recv(received), "value");
        equal([received.source, received.tag], [rank, 9]);
        equal(received.count, status.count);
        send.wait();
      },
    },
  },
];
