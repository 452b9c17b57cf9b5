// Ranks that share memory:  npx tsrun -n 3 segment.mts <what>. Prints what rank 0 meets.
import { MPI } from "tsmpi";

const comm = MPI.COMM_WORLD;
const [what] = process.argv.slice(2);
const say = (value: unknown): void => {
  if (comm.rank === 0) console.log(JSON.stringify(value));
};
const sleep = (ms: number): void =>
  void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
const codeOf = (call: () => unknown): string => {
  try {
    call();
    return "ok";
  } catch (error) {
    return (error as { code: string }).code;
  }
};

const ACTS: Readonly<Record<string, () => void>> = {
  // Whether a communicator's memory is given up before the communication thread has let go of it, and after.
  free() {
    const dup = comm.Dup();
    const { block } = dup.state.segment!;
    dup.Free();
    const before = block.hasFreed(comm.rank);
    comm.Dup();
    say([before, block.hasFreed(comm.rank)]);
  },

  // Numbers of communicators that this rank may lead: of one that failed, and of the next one.
  "failed-split"() {
    const numberOf = (one: typeof comm): number => one.state.context % 2 ** 32;
    const first = numberOf(comm.Dup());
    if (comm.rank === 1) sleep(400);
    const code = codeOf(() => comm.withTimeout(100, () => comm.Split()));
    say([code, numberOf(comm.Dup()) - first]);
  },

  // What those who wait say of a rank that waits elsewhere, in shared memory; and of one that computes.
  stall() {
    const pair = comm.Split(comm.rank === 0 ? MPI.UNDEFINED : 1);
    if (!pair.isNull) pair.Allreduce(MPI.IN_PLACE, new Float32Array(3));
    if (comm.rank === 0) {
      try {
        comm.withTimeout(2_000, () => comm.barrier());
      } catch (error) {
        say((error as Error).message);
      }
    } else if (comm.rank === 1) {
      codeOf(() => pair.withTimeout(4_000, () => pair.barrier()));
    } else sleep(4_500);
    process.exit(0);
  },

  // How long a long message takes to a rank that waits in shared memory, in ms: the shortest of some.
  progress() {
    const bytes = new Uint8Array(32 << 20);
    let leastMs = Infinity;
    for (let round = 0; round < 5; round++) {
      comm.barrier();
      const startMs = performance.now();
      const request = comm.rank === 0 ? comm.Irecv(bytes, 1) : null;
      if (comm.rank === 1) comm.Send(bytes, 0);
      comm.barrier();
      request?.wait();
      leastMs = Math.min(leastMs, performance.now() - startMs);
    }
    say(leastMs);
  },
};
ACTS[what!]!();
