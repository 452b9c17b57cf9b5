import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { blockBytes } from "@tsmpi/collective";
import { Arena } from "./arena";
import { blockIn } from "./block-in";

const OFFSET = 4_096;

/** Sleeps as the main thread of a rank does that waits at a gate. */
const SLEEPER = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { loadSharedMemory } = require(workerData.transport);
  const libc = loadSharedMemory().loadLibc();
  const words = new Int32Array(workerData.memory.buffer);
  const address = libc.addressOf(workerData.memory.buffer) + 4 * workerData.gate;
  Atomics.add(words, workerData.sleepers, 1);
  parentPort.postMessage("sleeps");
  const startMs = performance.now();
  libc.futexWait(address, words[workerData.gate], 10_000);
  parentPort.postMessage(performance.now() - startMs);
`;

describe("A block", () => {
  it("wakes who sleeps at its gate when the ranks are in dispute, from whatever thread that is told", async () => {
    const { memory } = new Arena(OFFSET + blockBytes(2));
    const block = blockIn(memory, { offset: OFFSET, size: 2, rank: 0 });
    block.clear();
    const sleeper = new Worker(SLEEPER, {
      eval: true,
      workerData: {
        ...{ memory, sleepers: block.sleepers, gate: OFFSET / 4 },
        transport: require.resolve("@tsmpi/transport"),
      },
    });
    await once(sleeper, "message");
    const told = once(sleeper, "message");
    // It may not be asleep yet.
    const again = setInterval(() => block.dispute(), 20);
    const [sleptMs] = (await told) as [number];
    clearInterval(again);
    await sleeper.terminate();
    expect(sleptMs).toBeLessThan(5_000);
  });
});
