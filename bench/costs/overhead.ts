// What an all-reduce of 4 B of two ranks takes beyond the bare transport, in microseconds, as one JSON object:
//
//     npx tsrun -n 2 --transport shm bench/costs/overhead.ts
//     npx tsrun -n 2 --transport tcp bench/costs/overhead.ts
//
// The bare transport is the same exchange between the same two threads without a call of ours: each rank sends its 4 B and waits for
// the other's. Over shm that is a word each in memory that both map, waited for as ours waits; over tcp a ZeroMQ message of a header and
// 4 B each way, from event loop to event loop. Calls and bare exchanges take turns, block by block; the medians of blocks are compared.
import { MPI } from "tsmpi";
import { median } from "../peers/ratios.ts";
import { openSocketPair } from "./socket-pair.ts";
import { openSharedWords } from "./shared-words.ts";

const BLOCKS = 40;
const CALLS = 500;
/** Engines compile what is timed only after some thousand turns. */
const WARM_UP_BLOCKS = 12;

const comm = MPI.COMM_WORLD;
const x = new Float32Array(1);
const exchange = comm.sharesMemory
  ? openSharedWords(comm)
  : await openSocketPair(comm);

const bareUs: number[] = [];
const callUs: number[] = [];
for (let block = -WARM_UP_BLOCKS; block < BLOCKS; block++) {
  comm.Barrier();
  let startMs = performance.now();
  await exchange.run(CALLS);
  const bareMs = performance.now() - startMs;
  comm.Barrier();
  startMs = performance.now();
  for (let call = 0; call < CALLS; call++)
    comm.Allreduce(MPI.IN_PLACE, x, MPI.SUM);
  const callMs = performance.now() - startMs;
  if (block < 0) continue;
  bareUs.push((bareMs / CALLS) * 1e3);
  callUs.push((callMs / CALLS) * 1e3);
}
comm.Barrier();
exchange.close();
if (comm.rank === 0)
  console.log(
    JSON.stringify({ bareUs: median(bareUs), callUs: median(callUs) }),
  );
