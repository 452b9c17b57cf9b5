// Broadcast, all-reduce, scatter and messages of GIBIBYTES, checked:  GIBIBYTES=1 npx tsrun -n 3 test/worker/programs/huge.mts
import { strict as assert } from "node:assert";
import { MPI } from "tsmpi";

const comm = MPI.COMM_WORLD;
const { rank, size } = comm;
const length = (Number(process.env.GIBIBYTES) * 2 ** 30) / 4;
const STRIDE = 4093;

/** The value that the root puts at every STRIDE-th place; sums of them are exact. */
const valueAt = (i: number): number => (i % 1009) + 1;

function check(
  what: string,
  buffer: Float32Array,
  expected: (i: number) => number,
): void {
  for (let i = 0; i < buffer.length; i += STRIDE)
    assert.equal(buffer[i], expected(i), `${what}, element ${i}`);
}

function timed(what: string, run: () => void): void {
  comm.barrier();
  const startMs = performance.now();
  run();
  comm.barrier();
  const seconds = (performance.now() - startMs) / 1_000;
  if (rank === 0) console.log(`${what} ${seconds.toFixed(1)} s`);
}

const all = new Float32Array(length);
if (rank === 0) for (let i = 0; i < length; i += STRIDE) all[i] = valueAt(i);

timed("Bcast", () => comm.Bcast(all));
check("Bcast", all, valueAt);

timed("Allreduce", () => comm.Allreduce(MPI.IN_PLACE, all));
check("Allreduce", all, (i) => valueAt(i) * size);

// Parts of lengths that differ, none of them a multiple of anything.
const counts = Array.from({ length: size }, (_, r) =>
  r === size - 1
    ? length - (size - 1) * Math.floor(length / size)
    : Math.floor(length / size),
);
const before = rank * counts[0]!;
const part = new Float32Array(counts[rank]!);
timed("Scatterv", () => comm.Scatterv(rank === 0 ? [all, counts] : null, part));
for (
  let i = (STRIDE - (before % STRIDE)) % STRIDE;
  i < part.length;
  i += STRIDE
)
  assert.equal(part[i], valueAt(before + i) * size, `Scatterv, element ${i}`);

// Round the ring: every rank gets its left neighbour's first elements.
const some = part.subarray(0, counts[0]);
const left = (rank + size - 1) % size;
const received = new Float32Array(some.length);
timed("Sendrecv", () =>
  comm.Sendrecv(some, (rank + 1) % size, 0, received, left),
);
const leftBefore = left * counts[0]!;
for (
  let i = (STRIDE - (leftBefore % STRIDE)) % STRIDE;
  i < received.length;
  i += STRIDE
)
  assert.equal(
    received[i],
    valueAt(leftBefore + i) * size,
    `Sendrecv, element ${i}`,
  );

if (rank === 0) console.log("all is right");
