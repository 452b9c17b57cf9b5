import type { Compression } from "@tsmpi/collective";
import type { TypedArray } from "@tsmpi/protocol";
import { MPI } from "@tsmpi/worker";
import { type Measured, ownArray, type Place, spec } from "../benchmark";
import { type Checked, spoil } from "../checked";
import { fillAddends, fillSums, mostAddend } from "../contents";

/** What this rank adds. */
function addends(place: Place): TypedArray {
  const array = ownArray(place.dtype, place.count);
  fillAddends(array, place.dtype, place);
  return array;
}

/** What the ranks `from` … `to` − 1 add up to. */
function sums(place: Place, [from, to]: readonly [number, number]): TypedArray {
  const array = ownArray(place.dtype, place.count);
  fillSums(array, place.dtype, { from, to, size: place.size });
  return array;
}

function input(place: Place): Checked {
  const content = addends(place);
  const buffer = place.allocate(place.count);
  return { buffer, before: content, after: content };
}

const output = (place: Place, after: TypedArray): Checked => ({
  buffer: place.allocate(after.length),
  before: null,
  after,
});

const WHOLE = { of: "buffer", busFactor: () => 1 } as const;

/** What a value may lose that is encoded once: this part of the largest magnitude beside it. */
const PARTS: Readonly<Record<Compression, number>> = {
  ...{ fp16: 1 / 2048, bf16: 1 / 256, int8: 1 / 254 },
};

export const allreduce: Measured = {
  kind: "measured",
  summary: "the sum of all ranks' buffers on every rank, in place",
  collective: "allreduce",
  isCompressible: true,
  sizes: { of: "buffer", busFactor: (ranks) => (2 * (ranks - 1)) / ranks },
  prepare(place) {
    const { size, count, allocate } = place;
    const buffer = allocate(count);
    const [before, after] = [addends(place), sums(place, [0, size])];
    const argument = spec(buffer, place);
    return {
      buffers: [{ buffer, before, after }],
      run: (comm, compression) =>
        comm.Allreduce(MPI.IN_PLACE, argument, { op: MPI.SUM, compression }),
      // Each rank's values are encoded, and their sum; and a last digit for the additions.
      mostError: (compression) =>
        2 * size * mostAddend(size) * PARTS[compression] * 1.001,
    };
  },
};

export const reduce: Measured = {
  kind: "measured",
  summary: "the sum of all ranks' buffers at rank 0",
  collective: "reduce",
  sizes: WHOLE,
  prepare(place) {
    const sent = input(place);
    const received =
      place.rank === 0 ? output(place, sums(place, [0, place.size])) : null;
    const source = spec(sent.buffer, place);
    const target = received && spec(received.buffer, place);
    return {
      buffers: received ? [sent, received] : [sent],
      run: (comm) => comm.Reduce(source, target, MPI.SUM, 0),
    };
  },
};

export const reduceScatter: Measured = {
  kind: "measured",
  summary: "the sum of all ranks' buffers, a part of it on each",
  collective: "reduceScatter",
  sizes: { of: "buffer", busFactor: (ranks) => (ranks - 1) / ranks },
  prepare(place) {
    const { rank, size, count } = place;
    const ends = Array.from({ length: size + 1 }, (_, r) =>
      Math.floor((r * count) / size),
    );
    const counts = ends.slice(1).map((end, r) => end - ends[r]!);
    const sent = input(place);
    const all = sums(place, [0, size]);
    const received = output(place, all.slice(ends[rank], ends[rank + 1]));
    const source = spec(sent.buffer, place);
    const target = spec(received.buffer, place);
    return {
      buffers: [sent, received],
      run: (comm) => comm.Reduce_scatter(source, target, counts, MPI.SUM),
    };
  },
};

export const scan: Measured = {
  kind: "measured",
  summary: "on each rank the sum of the buffers up to its own",
  collective: "scan",
  sizes: WHOLE,
  prepare(place) {
    const sent = input(place);
    const received = output(place, sums(place, [0, place.rank + 1]));
    const source = spec(sent.buffer, place);
    const target = spec(received.buffer, place);
    return {
      buffers: [sent, received],
      run: (comm) => comm.Scan(source, target, MPI.SUM),
    };
  },
};

export const exscan: Measured = {
  kind: "measured",
  summary: "on each rank the sum of the buffers before its own",
  collective: "exscan",
  sizes: WHOLE,
  prepare(place) {
    const sent = input(place);
    const before = sums(place, [0, place.rank]);
    // Rank 0's stays as it was.
    if (place.rank === 0) spoil(before);
    const received = output(place, before);
    const source = spec(sent.buffer, place);
    const target = spec(received.buffer, place);
    return {
      buffers: [sent, received],
      run: (comm) => comm.Exscan(source, target, MPI.SUM),
    };
  },
};
