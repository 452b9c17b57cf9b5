import { closeSync, openSync, writeSync } from "node:fs";
import type { Intracomm } from "tsmpi";
import { loadSharedMemory } from "../../packages/transport/dist/index.js";
import type { Exchange } from "./exchange.ts";

/** TypeScript has it in its library for browsers only. */
const { WebAssembly: wasm } = globalThis as unknown as {
  WebAssembly: {
    Memory: new (options: {
      readonly initial: number;
      readonly maximum: number;
      readonly shared: true;
    }) => { readonly buffer: SharedArrayBuffer };
  };
};

const PAGE_BYTES = 65_536;
/** Words of two ranks, a cache line apart. */
const LINE = 16;
/** As often as a call of ours looks, and yields, before it sleeps. */
const SPINS = 2_000;
const YIELDS = 20;
const SLEEP_MS = 50;

/** Over a page that both ranks map: each writes its word, and waits until the other's has changed. */
export function openSharedWords(comm: Intracomm): Exchange {
  const libc = loadSharedMemory().loadLibc();
  const own = comm.rank === 0 ? libc.createMemoryFile("bare") : null;
  if (own !== null) writeSync(own, new Uint8Array(PAGE_BYTES));
  const path = comm.bcast(
    own === null ? null : `/proc/${process.pid}/fd/${own}`,
  );
  const fd = own ?? openSync(path!, "r+");
  const { buffer } = new wasm.Memory({ initial: 1, maximum: 1, shared: true });
  libc.mapOver(libc.addressOf(buffer), PAGE_BYTES, fd);
  comm.Barrier();
  closeSync(fd);
  const words = new Int32Array(buffer);
  const address = libc.addressOf(buffer);
  const mine = comm.rank * LINE;
  const theirs = LINE - mine;
  let turn = 0;
  const hasCome = (): boolean => Atomics.load(words, theirs) >= turn;
  const wait = (): void => {
    for (let i = 0; i < SPINS; i++) if (hasCome()) return;
    for (let i = 0; i < YIELDS; i++) {
      libc.yieldCore();
      if (hasCome()) return;
    }
    while (!hasCome()) libc.futexWait(address + theirs * 4, turn - 1, SLEEP_MS);
  };
  return {
    run(times) {
      for (let i = 0; i < times; i++) {
        Atomics.store(words, mine, ++turn);
        // Nobody knows whether the other one sleeps; ours counts who does.
        if (Atomics.load(words, theirs) < turn)
          libc.futexWake(address + mine * 4);
        wait();
      }
    },
    close() {},
  };
}
