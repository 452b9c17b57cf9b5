// Every rank but 0 sends MESSAGES small messages to rank 0, which takes them from anybody: npx tsrun -n 5 test/worker/programs/storm.mts
import { strict as assert } from "node:assert";
import { MPI } from "tsmpi";

const MIB = 2 ** 20;
const comm = MPI.COMM_WORLD;
const { rank, size } = comm;
const count = Number(process.env.MESSAGES ?? 100_000);

comm.barrier();
if (rank === 0) {
  const startMs = performance.now();
  const startBytes = process.memoryUsage.rss();
  let mostBytes = startBytes;
  /** By source: what comes next, if none is lost, doubled, or overtaken. */
  const next = new Array<number>(size).fill(0);
  const status = new MPI.Status();
  for (let i = 0; i < count * (size - 1); i++) {
    const message = comm.recv<number>(MPI.ANY_SOURCE, MPI.ANY_TAG, status);
    assert.equal(message, next[status.source]!++);
    assert.equal(status.tag, message % 7);
    if (i % 1_000 === 0)
      mostBytes = Math.max(mostBytes, process.memoryUsage.rss());
  }
  const seconds = (performance.now() - startMs) / 1_000;
  assert.deepEqual(next.slice(1), new Array(size - 1).fill(count));
  assert(!comm.iprobe());
  console.log(
    JSON.stringify({
      perSecond: Math.round((count * (size - 1)) / seconds),
      grownMiB: Math.round((mostBytes - startBytes) / MIB),
    }),
  );
} else for (let i = 0; i < count; i++) comm.send(i, 0, i % 7);
comm.barrier();
