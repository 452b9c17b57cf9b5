// Rank 1 sends MESSAGES buffers of 1 MB, of which rank 0 wants none before it has all: npx tsrun -n 2 test/worker/programs/unmatched.mts
import { strict as assert } from "node:assert";
import { MPI } from "tsmpi";

const MIB = 2 ** 20;
const comm = MPI.COMM_WORLD;
const count = Number(process.env.MESSAGES ?? 10_000);
const LENGTH = MIB / 4;
const THE_LAST = 1;

comm.barrier();
const startBytes = process.memoryUsage.rss();
const grownMiB = (): number =>
  Math.round((process.memoryUsage.rss() - startBytes) / MIB);

if (comm.rank === 0) {
  // The last message is there, so all others are announced.
  comm.recv(1, THE_LAST);
  const unmatchedMiB = grownMiB();
  const received = new Float32Array(LENGTH);
  for (let i = 0; i < count; i++) {
    comm.Recv(received, 1, 0);
    assert.equal(received[0], i);
    assert.equal(received.at(-1), i);
  }
  console.log(JSON.stringify({ unmatchedMiB, grownMiB: grownMiB() }));
} else {
  // Two buffers: each is written to again once it has been received, so that a receiver sees whether it came late.
  const filled = (value: number) => new Float32Array(LENGTH).fill(value);
  const requests = Array.from({ length: count }, (_, i) =>
    comm.Isend(filled(i), 0, 0),
  );
  comm.send("the last", 0, THE_LAST);
  MPI.Request.Waitall(requests);
}
comm.barrier();
