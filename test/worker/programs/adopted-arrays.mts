// Large ordinary arrays, again and again: their pages become the segment's, and go back when they are collected.
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { MPI } from "tsmpi";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const comm = MPI.COMM_WORLD;
const { rank, size } = comm;
/** Larger than any that the C library keeps for later. */
const LENGTH = 10_000_001;

/** Mappings of shared memory in this process: those of the shares, and arrays that have moved. */
const mapped = (): number =>
  readFileSync("/proc/self/maps", "latin1").split("memfd:").length - 1;
const shares = mapped();

const report: Record<string, unknown> = { rank };
const told = (name: string, value: unknown) => void (report[name] = value);

/** Elements that are wrong behind a sum over ranks. */
function sumUp(array: Float32Array): number {
  for (let i = 0; i < array.length; i++) array[i] = rank + (i % 7);
  comm.Allreduce(MPI.IN_PLACE, array);
  const ranks = (size * (size - 1)) / 2;
  return array.filter((value, i) => value !== ranks + size * (i % 7)).length;
}

let array: Float32Array | null = new Float32Array(LENGTH);
const wrong: number[] = [];
const moved: number[] = [];
for (let call = 0; call < 4; call++) {
  wrong.push(sumUp(array));
  moved.push(mapped() - shares);
}
told("wrong", wrong);
told("moved", moved);
told("wrongInPart", sumUp(array.subarray(11, LENGTH - 5)));

// Others read it where it is.
array.fill(rank === 0 ? 3 : 4);
comm.Bcast(array, 0);
told(
  "bcast",
  array.every((value) => value === 3),
);
const all = new Float32Array(size * LENGTH);
array.fill(rank);
comm.Allgather(array, all);
told(
  "allgather",
  all.every((value, i) => value === Math.floor(i / LENGTH)),
);

// One that comes once only stays where it is, and so does one on some rank only.
told("once", sumUp(new Float32Array(LENGTH)));
const elsewhere =
  rank === 0 ? new Float32Array(LENGTH) : MPI.Alloc_mem(Float32Array, LENGTH);
told(
  "mixed",
  [1, 2, 3].map(() => sumUp(elsewhere)),
);

// Memory that changes hands is the new owner's, and no longer the segment's to give away.
array.fill(5);
array = new Float32Array(
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] }),
);
for (let turn = 0; turn < 10; turn++) {
  collect();
  await setTimeout(20);
}
// Would take the room, if it had been given away.
const next = new Float32Array(LENGTH);
told(
  "next",
  [1, 2, 3].map(() => sumUp(next)),
);
told(
  "transferred",
  array.every((value) => value === 5),
);
told("wrongBehindTransfer", [sumUp(array), sumUp(array)]);

array = null;
/** Mappings of `next`, and of `elsewhere` where it is an ordinary array. */
const kept = rank === 0 ? 2 : 1;
for (let turn = 0; turn < 50 && mapped() > shares + kept; turn++) {
  collect();
  await setTimeout(50);
}
told("left", mapped() - shares - kept);
told("wrongAtLast", sumUp(elsewhere));
console.log(JSON.stringify(report));
