import { type Intracomm, MPI, type Request } from "@tsmpi/worker";
import { type Measured, ownArray, type Place, spec } from "../benchmark";
import type { Checked } from "../checked";
import { fillPattern } from "../contents";

/** The message as its first sender has it. */
function message(place: Place): Checked["after"] {
  const content = ownArray(place.dtype, place.count);
  fillPattern(content, 42);
  return content;
}

/** A buffer to send from and one to receive into, with what a rank has when the message has come to it. */
function pair(place: Place): { sent: Checked; received: Checked } {
  const after = message(place);
  const buffer = place.allocate(after.length);
  return {
    sent: { buffer: place.allocate(after.length), before: after, after },
    received: { buffer, before: null, after },
  };
}

/** The message from rank 0 to rank 1 and back; one that is alone sends it to itself, twice. */
export const pingpong: Measured = {
  kind: "measured",
  summary: "a message from rank 0 to rank 1 and back; the time of one way",
  collective: null,
  sizes: { of: "buffer", busFactor: () => 1 },
  callsPerRun: 2,
  defaults: { dtype: "uint8" },
  prepare(place) {
    const { rank, size } = place;
    if (rank > 1) return { buffers: [], run: () => {} };
    const { sent, received } = pair(place);
    const source = spec(sent.buffer, place);
    const target = spec(received.buffer, place);
    const run = (comm: Intracomm): void => {
      if (size === 1)
        for (let way = 0; way < 2; way++)
          comm.Sendrecv(source, 0, 0, target, 0, 0);
      else if (rank === 0) {
        comm.Send(source, 1, 0);
        comm.Recv(target, 1, 0);
      } else {
        comm.Recv(target, 0, 0);
        comm.Send(target, 0, 0);
      }
    };
    return { buffers: [sent, received], run };
  },
};

/** Messages under way at once. */
const WINDOW = 64;

export const bandwidth: Measured = {
  kind: "measured",
  summary: `${WINDOW} messages at once from rank 0 to rank 1, and an answer; the time of one`,
  collective: null,
  sizes: { of: "buffer", busFactor: () => 1 },
  callsPerRun: WINDOW,
  defaults: { dtype: "uint8" },
  prepare(place) {
    const { rank, size } = place;
    if (rank > 1) return { buffers: [], run: () => {} };
    const { sent, received } = pair(place);
    const [sends, receives] = [rank === 0, rank === 1 || size === 1];
    const source = spec(sent.buffer, place);
    const target = spec(received.buffer, place);
    const answer = new Uint8Array(1);
    const run = (comm: Intracomm): void => {
      const requests: Request<null>[] = [];
      for (let i = 0; i < WINDOW; i++) {
        if (receives) requests.push(comm.Irecv(target, 0, 0));
        if (sends) requests.push(comm.Isend(source, receives ? 0 : 1, 0));
      }
      MPI.Request.Waitall(requests);
      if (size === 1) return;
      if (sends) comm.Recv(answer, 1, 1);
      else comm.Send(answer, 0, 1);
    };
    return {
      buffers: [...(sends ? [sent] : []), ...(receives ? [received] : [])],
      run,
    };
  },
};

/** As in mpi4py.bench. */
export const ringtest: Measured = {
  kind: "measured",
  summary: "a message round all ranks, and how long it took in all",
  collective: null,
  sizes: { of: "buffer", busFactor: () => 1 },
  defaults: { dtype: "uint8", sizes: [1], warmup: 0, iterations: 1 },
  prepare(place) {
    const { rank, size } = place;
    const { sent, received } = pair(place);
    const [before, after] = [(rank + size - 1) % size, (rank + 1) % size];
    const source = spec(sent.buffer, place);
    const target = spec(received.buffer, place);
    const run = (comm: Intracomm): void => {
      if (size === 1) comm.Sendrecv(source, 0, 0, target, 0, 0);
      else if (rank === 0) {
        comm.Send(source, after, 0);
        comm.Recv(target, before, 0);
      } else {
        comm.Recv(target, before, 0);
        comm.Send(target, after, 0);
      }
    };
    return { buffers: rank === 0 ? [sent, received] : [received], run };
  },
  describe: ({ ranks, bytes }, timesMs) => {
    const seconds = timesMs.reduce((sum, ms) => sum + ms, 0) / 1_000;
    return `time for ${timesMs.length} loops = ${seconds.toPrecision(6)} seconds (${ranks} processes, ${bytes} bytes)`;
  },
};
