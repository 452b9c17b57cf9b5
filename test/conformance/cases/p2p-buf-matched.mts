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
import { KINDS } from "../arrays.mts";
import { range } from "../support/loops.mts";

type Message = NonNullable<ReturnType<Comm["Improbe"]>>;

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
        noProc.Recv(null);
        isLive(noProc);
        noProc.Irecv(null).Wait();
        isLive(noProc);
        isFalse(noProc.equals(MPI.MESSAGE_NULL));
      },

      "a copy of MESSAGE_NO_PROC is used up when it is received": () => {
        const copy = new MPI.Message(MPI.MESSAGE_NO_PROC);
        isLive(copy);
        isTrue(copy.equals(MPI.MESSAGE_NO_PROC));
        copy.Recv(null);
        isTrue(copy.equals(MPI.MESSAGE_NULL));

        const another = new MPI.Message(MPI.MESSAGE_NO_PROC);
        const request = another.Irecv(null);
        isTrue(another.equals(MPI.MESSAGE_NULL));
        isFalse(request.equals(MPI.REQUEST_NULL));
        request.Wait();
        isTrue(request.equals(MPI.REQUEST_NULL));
      },
    },
  },
  {
    name: "TestP2PMatchedBuf",
    comms: ["SELF", "WORLD", "SELF.Dup", "WORLD.Dup"],
    cases: {
      "Improbe gives null where there is no message": ({ comm }) => {
        const dup = comm.Dup();
        equal(dup.Improbe(), null);
        equal(dup.Improbe(MPI.ANY_SOURCE), null);
        equal(dup.Improbe(MPI.ANY_SOURCE, MPI.ANY_TAG), null);
        const status = new MPI.Status();
        equal(dup.Improbe(MPI.ANY_SOURCE, MPI.ANY_TAG, status), null);
        equal(status.source, MPI.ANY_SOURCE);
        equal(status.tag, MPI.ANY_TAG);
        equal(status.error, MPI.SUCCESS);
        equal(MPI.Message.Iprobe(dup), null);
        const nothing = [null, 0, MPI.BYTE] as const;
        const send = dup.Isend(nothing, dup.rank, 0);
        const receive = dup.Mprobe(dup.rank, 0).Irecv(nothing);
        isTrue(MPI.Request.Waitall([send, receive]));
        dup.Free();
      },

      "a message to oneself is matched and received": ({
        comm,
        rank,
        size,
      }) => {
        for (const kind of KINDS)
          for (const length of range(size + 1)) {
            const sent = kind.filled(length, length);
            const send = () => comm.Isend(kind.message(sent), rank, 0);
            const blank = () => kind.filled(length, 99);

            equal(comm.Improbe(rank, 0), null);
            let received = blank();
            let request = send();
            let message = comm.Mprobe(rank, 0);
            ok(message instanceof MPI.Message);
            isLive(message);
            const receive = message.Irecv(kind.message(received));
            isNull(message);
            isLive(request, receive);
            isTrue(MPI.Request.Waitall([request, receive]));
            isNull(request, receive);
            equal(received, sent);

            for (const match of [
              () => MPI.Message.Probe(comm, rank, 0),
              () => {
                comm.Probe(rank, 0);
                return MPI.Message.Iprobe(comm, rank, 0)!;
              },
              () => comm.Mprobe(rank, 0),
            ]) {
              equal(MPI.Message.Iprobe(comm, rank, 0), null);
              received = blank();
              request = send();
              message = match();
              ok(message instanceof MPI.Message);
              isLive(message);
              message.Recv(kind.message(received));
              isNull(message);
              request.Wait();
              equal(received, sent);
            }
          }
      },

      "messages between two ranks are matched and received": ({
        comm,
        rank,
        size,
      }) => {
        if (size === 1 || rank > 1) return;
        const peer = 1 - rank;
        for (const kind of KINDS)
          for (const length of range(size + 1)) {
            const sent = kind.filled(length, length);
            const receive = () => {
              const received = kind.filled(length, 99);
              const message = comm.Mprobe(peer, 0);
              isLive(message);
              message.Recv(kind.message(received));
              isNull(message);
              equal(received, sent);
            };
            const poll = () => {
              const received = kind.filled(length, 99);
              const message = found(() => comm.Improbe(peer, 1));
              message.Irecv(kind.message(received)).Wait();
              equal(received, sent);
            };
            equal(comm.Improbe(rank, 0), null);
            if (rank === 0) {
              comm.Send(kind.message(sent), peer, 0);
              receive();
              equal(comm.Improbe(rank, 0), null);
              comm.Send(kind.message(sent), peer, 1);
              poll();
            } else {
              receive();
              equal(comm.Improbe(rank, 0), null);
              comm.Send(kind.message(sent), peer, 0);
              poll();
              comm.Send(kind.message(sent), peer, 1);
            }
          }
      },
    },
  },
];
