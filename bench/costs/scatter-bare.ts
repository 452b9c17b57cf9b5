// ZeroMQ alone: rank 0 pushes pieces of one size to the other ranks, as fast as they take them. The median of several passes, of
// which the first finds everything cold and does not count.
//
//     tsrun -n 4 bench/costs/scatter-bare.ts PIECE_BYTES PIECES
import { MPI } from "tsmpi";
import { Pull, Push } from "zeromq";

const comm = MPI.COMM_WORLD;
const [pieceBytes, pieces] = process.argv.slice(2).map(Number);
/** A Push deals pieces to whoever has room, not in turn: nobody knows how many come. */
const SILENCE_MS = 300;
const PASSES = 8;
const nowMs = (): number => performance.timeOrigin + performance.now();

/** As many as `scatter` has under way. */
const highWaterMark = 4;

const push = new Push({ sendHighWaterMark: highWaterMark, linger: 1_000 });
if (comm.rank === 0) await push.bind("tcp://127.0.0.1:*");
const address = comm.bcast(push.lastEndpoint)!;
const pull = new Pull({
  receiveHighWaterMark: highWaterMark,
  receiveTimeout: SILENCE_MS,
});
if (comm.rank > 0) pull.connect(address);
comm.barrier();
// Connections take a moment; who is there first would get more.
await new Promise((resolve) => setTimeout(resolve, 200));
comm.barrier();

const speeds: number[] = [];
for (let pass = 0; pass < PASSES; pass++) {
  comm.barrier();
  const startMs = nowMs();
  let lastMs = startMs;
  if (comm.rank === 0) {
    const piece = Buffer.alloc(pieceBytes!, 7);
    for (let i = 0; i < pieces!; i++) await push.send(piece);
  } else
    try {
      for (;;) {
        await pull.receive();
        lastMs = nowMs();
      }
    } catch {
      // Silence.
    }
  const seconds = (comm.allreduce(lastMs, MPI.MAX) - startMs) / 1_000;
  speeds.push((pieceBytes! * pieces!) / seconds);
}
const [, ...warm] = speeds;
warm.sort((a, b) => a - b);
if (comm.rank === 0)
  console.log(JSON.stringify({ bytesPerSecond: warm[warm.length >> 1] }));
push.close();
pull.close();
