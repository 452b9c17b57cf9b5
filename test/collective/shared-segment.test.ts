import {
  allreduceDirect,
  averageOver,
  barrierDirect,
  type DirectReduction,
  exchangeDirect,
  exscanDirect,
  kernelFor,
  reduceDirect,
  reduceScatterDirect,
  REDUCE_OPS,
  type ReduceCall,
  type ReduceOp,
  scanDirect,
  type SharedSegment,
  signature,
  type Steps,
} from "@tsmpi/collective";
import {
  bytesOf,
  bytesPerElement,
  type Dtype,
  DTYPES,
  type TypedArray,
  viewAs,
} from "@tsmpi/protocol";
import { firstDifference } from "../support/first-difference";
import { isDefined } from "../support/is-defined";
import { randomBelow } from "../support/random";
import { SharedMemory } from "../support/shared-memory";

const SIZES = [2, 3, 5, 8];

/** Empty, one, fewer than ranks, beside the card, behind it, one chunk and several, none of them even. */
const LENGTHS = [0, 2, 6, 250, 2_050, 66_000, 200_006];

/** For the longest of them twice, of float32 or of the largest dtype once. */
const HEAP_BYTES = 2 << 20;

/** Bytes at random, and floats that are numbers, so that an order of sums shows; filling a buffer with them costs a copy. */
const POOL_BYTES = 2 << 20;
const POOLS = (() => {
  const below = randomBelow(11);
  const bytes = Uint8Array.from({ length: POOL_BYTES }, () => below(256));
  const floats = { length: POOL_BYTES / 8 };
  const float = () => (below(2_000_001) - 1_000_000) / 7;
  return {
    float32: bytesOf(Float32Array.from(floats, float)),
    float64: bytesOf(Float64Array.from(floats, float)),
    bytes,
  };
})();

function fill(
  array: TypedArray,
  dtype: Dtype | "bytes",
  below: (limit: number) => number,
): void {
  const pool =
    dtype === "float32" || dtype === "float64" ? POOLS[dtype] : POOLS.bytes;
  const start = 8 * below((pool.byteLength - array.byteLength) / 8 + 1);
  bytesOf(array).set(pool.subarray(start, start + array.byteLength));
}

/** From left to right, over plain arrays. */
function expected(
  inputs: readonly TypedArray[],
  op: ReduceOp,
  dtype: Dtype,
): TypedArray {
  const result = inputs[0]!.slice();
  for (const input of inputs.slice(1))
    kernelFor(op, dtype)(result, result, input);
  // One rank's NaNs stay what they are.
  if (op === "AVG" && inputs.length > 1)
    averageOver(inputs.length, result, dtype);
  return result;
}

interface Case {
  readonly op: ReduceOp;
  readonly dtype: Dtype;
  readonly length: number;
  /** Whether the buffer of a rank lies in the segment. */
  readonly inSegment: (rank: number) => boolean;
}

/** What a rank is to get: so many ranks reduced, the elements from `start` to `end`; and how it asks for it. */
interface Part {
  readonly ranks: number;
  readonly start: number;
  readonly end: number;
  readonly run: (
    segment: SharedSegment,
    call: DirectReduction,
  ) => Steps<boolean>;
}

/** What each of `size` ranks gets of a reduction of so many elements. */
type Parts = (
  size: number,
  length: number,
  elementBytes: number,
) => readonly Part[];

/** Blocks of different lengths, some of them empty; pairs stay together. */
function countsOf(size: number, length: number): number[] {
  const below = randomBelow(length + size);
  let left = length;
  return Array.from({ length: size }, (_, rank) => {
    const count = rank === size - 1 ? left : 2 * below(left / 2 + 1);
    left -= count;
    return count;
  });
}

const scattered =
  (countsFor: (size: number, length: number) => readonly number[]): Parts =>
  (size, length, elementBytes) => {
    const counts = countsFor(size, length);
    const blocks = counts.map((count) => count * elementBytes);
    let end = 0;
    return counts.map((count) => ({
      ...{ ranks: size, start: end, end: (end += count) },
      run: (segment, call) =>
        reduceScatterDirect.run(segment, { ...call, blocks }),
    }));
  };

const REDUCTIONS: Readonly<Record<string, Parts>> = {
  reduce: (size, length) =>
    Array.from({ length: size }, (_, rank) => ({
      ranks: rank === 1 ? size : 0,
      ...{ start: 0, end: length },
      run: (segment, call) => reduceDirect.run(segment, { ...call, root: 1 }),
    })),
  scan: (size, length) =>
    Array.from({ length: size }, (_, rank) => ({
      ...{ ranks: rank + 1, start: 0, end: length },
      run: (segment, call) => scanDirect.run(segment, call),
    })),
  exscan: (size, length) =>
    Array.from({ length: size }, (_, rank) => ({
      ...{ ranks: rank, start: 0, end: length },
      run: (segment, call) => exscanDirect.run(segment, call),
    })),
  "reduce-scatter": scattered(countsOf),
};

/** A memory, and its ranks' views of it, which live as long as their communicator. */
class Ranks {
  readonly memory: SharedMemory;
  readonly segments: readonly SharedSegment[];
  readonly #below: (limit: number) => number;
  #number = 0;

  constructor(size: number, seed: number, heapBytes = 0) {
    this.memory = new SharedMemory(size, heapBytes);
    this.segments = Array.from({ length: size }, (_, rank) =>
      this.memory.segment(rank),
    );
    this.#below = randomBelow(seed);
  }

  nextNumber(): number {
    return this.#number++;
  }

  allreduce({ op, dtype, length, inSegment }: Case): void {
    const call: ReduceCall = { name: "allreduce", op, dtype, count: length };
    const number = this.nextNumber();
    const buffers = this.segments.map((_, rank) => {
      const { buffer, start } = this.memory.heapOf(rank);
      const array = inSegment(rank)
        ? viewAs(dtype, buffer, start, length)
        : viewAs(
            dtype,
            new ArrayBuffer(length * bytesPerElement(dtype)),
            0,
            length,
          );
      fill(array, dtype, this.#below);
      return array;
    });
    const result = expected(
      buffers.map((buffer) => buffer.slice()),
      op,
      dtype,
    );
    const made = this.run((segment, rank) =>
      allreduceDirect.run(segment, {
        number,
        signature: signature(call),
        op,
        kernel: segment.kernels.for(op, dtype),
        source: bytesOf(buffers[rank]!),
        target: bytesOf(buffers[rank]!),
      }),
    );
    expect(new Set(made)).toEqual(new Set([true]));
    for (const buffer of buffers)
      expect(firstDifference(buffer, result)).toBeNull();
  }

  /** @param isInPlace whether the result of a rank goes to where its buffer is */
  reduction(
    parts: Parts,
    {
      op,
      dtype,
      length,
      inSegment,
      isInPlace,
    }: Case & { readonly isInPlace: (rank: number) => boolean },
  ): void {
    const number = this.nextNumber();
    const call = { name: "reduce", op, dtype, count: length } as const;
    const elementBytes = bytesPerElement(dtype);
    const shares = parts(this.segments.length, length, elementBytes);
    const room = Math.ceil((length * elementBytes) / 64) * 64;
    const arrays = this.segments.map((_, rank) => {
      const { buffer, start } = this.memory.heapOf(rank);
      const array = (place: number, count: number): TypedArray =>
        inSegment(rank)
          ? viewAs(dtype, buffer, start + place, count)
          : viewAs(dtype, new ArrayBuffer(count * elementBytes), 0, count);
      const source = array(0, length);
      fill(source, dtype, this.#below);
      const { start: first, end } = shares[rank]!;
      const target = isInPlace(rank)
        ? source.subarray(0, end - first)
        : array(room, end - first);
      if (!isInPlace(rank)) fill(target, dtype, this.#below);
      return { source, target };
    });
    const inputs = arrays.map(({ source }) => source.slice());
    const right = arrays.map(({ target }, rank) => {
      const { ranks, start, end } = shares[rank]!;
      return ranks === 0
        ? target.slice()
        : expected(inputs.slice(0, ranks), op, dtype).slice(start, end);
    });
    const made = this.run((segment, rank) => {
      const { source, target } = arrays[rank]!;
      return shares[rank]!.run(segment, {
        ...{ number, signature: signature(call), op },
        kernel: segment.kernels.for(op, dtype),
        source: bytesOf(source),
        target: shares[rank]!.ranks === 0 ? null : bytesOf(target),
      });
    });
    expect(new Set(made)).toEqual(new Set([true]));
    for (const [rank, { source, target }] of arrays.entries()) {
      expect(firstDifference(target, right[rank]!)).toBeNull();
      // What a rank only gives stays as it is.
      if (!isInPlace(rank))
        expect(firstDifference(source, inputs[rank]!)).toBeNull();
    }
  }

  run<Result>(
    body: (segment: SharedSegment, rank: number) => Steps<Result>,
  ): Result[] {
    return this.memory.run(this.segments.map(body), this.#below);
  }
}

describe("allreduce direct", () => {
  describe.each(SIZES)("with %i ranks", (size) => {
    it.each([
      ["elsewhere", () => false],
      ["in the segment", () => true],
      ["here and there", (rank: number) => rank % 2 === 0],
    ])("leaves the reduction in rank order in buffers %s", (_, inSegment) => {
      const ranks = new Ranks(size, 7, HEAP_BYTES);
      for (const length of LENGTHS)
        for (const op of ["SUM", "AVG"] as const)
          ranks.allreduce({ op, dtype: "float32", length, inSegment });
    });
  });

  it.each(DTYPES)("does every op on %s that is defined for it", (dtype) => {
    const ranks = new Ranks(3, 8, HEAP_BYTES);
    for (const op of REDUCE_OPS)
      if (isDefined(op, dtype))
        for (const length of [2, 3_000])
          ranks.allreduce({
            op,
            dtype,
            length,
            inSegment: () => length > 2,
          });
  });

  it("gives the same bits in whatever order the ranks come", () => {
    const results = Array.from({ length: 100 }, (_, seed) => {
      const ranks = new Ranks(4, seed);
      const buffers = ranks.segments.map((__, rank) =>
        Float32Array.from({ length: 1_000 }, (___, i) =>
          Math.sin(rank * 1_000 + i),
        ),
      );
      const call: ReduceCall = {
        name: "allreduce",
        op: "SUM",
        dtype: "float32",
        count: 1_000,
      };
      ranks.run((segment, rank) =>
        allreduceDirect.run(segment, {
          number: 0,
          signature: signature(call),
          op: "SUM",
          kernel: segment.kernels.for("SUM", "float32"),
          source: bytesOf(buffers[rank]!),
          target: bytesOf(buffers[rank]!),
        }),
      );
      return buffers.map((buffer) =>
        Buffer.from(buffer.buffer).toString("hex"),
      );
    });
    expect(new Set(results.flat()).size).toBe(1);
  });
});

describe.each(Object.entries(REDUCTIONS))("%s direct", (_, parts) => {
  const everywhere = [
    ["elsewhere", () => false],
    ["in the segment", () => true],
    ["here and there", (rank: number) => rank % 2 === 0],
  ] as const;

  describe.each(SIZES)("with %i ranks", (size) => {
    it.each(everywhere)(
      "gives each rank its own result, in rank order, of buffers %s, in place or not",
      (__, inSegment) => {
        const ranks = new Ranks(size, 17, HEAP_BYTES);
        const below = randomBelow(size);
        for (const length of LENGTHS)
          for (const op of ["SUM", "AVG"] as const) {
            const [first, second] = [below(2), below(3)];
            const isInPlace = (rank: number): boolean =>
              first === 0 ? second === 0 : (rank + second) % 2 === 0;
            ranks.reduction(parts, {
              ...{ op, dtype: "float32", length, inSegment, isInPlace },
            });
          }
      },
    );
  });

  it.each(DTYPES)("does every op on %s that is defined for it", (dtype) => {
    const ranks = new Ranks(3, 18, HEAP_BYTES);
    for (const op of REDUCE_OPS)
      if (isDefined(op, dtype))
        for (const length of [2, 3_000])
          ranks.reduction(parts, {
            ...{ op, dtype, length },
            inSegment: () => length > 2,
            isInPlace: () => false,
          });
  });

  it("goes over the network where a rank has no stage, on every rank", () => {
    const ranks = new Ranks(3, 19);
    const made = ranks.run((segment, rank) => {
      const array = new Float32Array(3_000);
      const poor = rank === 1 ? { ...segment, stage: null } : segment;
      return parts(3, 3_000, 4)[rank]!.run(poor, {
        ...{ number: 0, op: "SUM", signature: BARRIER },
        kernel: segment.kernels.for("SUM", "float32"),
        ...{ source: bytesOf(array), target: bytesOf(array) },
      });
    });
    expect(made).toEqual([false, false, false]);
  });
});

const BARRIER = signature({ name: "barrier" });

/** What a rank shows: beside its card, in its stage, over several windows; and nothing. */
const SHOWN = [0, 1, 2_048, 2_049, 300_000, 700_001];

describe("Exchanges", () => {
  it.each(SIZES)(
    "with %i ranks give each what it wants of what the others show",
    (size) => {
      const ranks = new Ranks(size, 9, HEAP_BYTES);
      const below = randomBelow(size);
      for (let round = 0; round < 12; round++) {
        const number = ranks.nextNumber();
        const shown = ranks.segments.map((_, rank) => {
          const bytes = SHOWN[below(SHOWN.length)]!;
          const { buffer, start } = ranks.memory.heapOf(rank);
          const whole =
            below(2) === 0
              ? new Uint8Array(buffer, start, bytes)
              : new Uint8Array(bytes);
          fill(whole, "bytes", below);
          const cut = below(bytes + 1);
          return {
            whole,
            pieces:
              below(2) === 0
                ? [whole]
                : [whole.subarray(0, cut), whole.subarray(cut)],
          };
        });
        const wanted = ranks.segments.map(() =>
          shown.flatMap(({ whole }, rank) => {
            const start = below(whole.byteLength + 1);
            const bytes = below(whole.byteLength - start + 1);
            return below(4) === 0
              ? []
              : [{ rank, start, target: new Uint8Array(bytes) }];
          }),
        );
        const made = ranks.run((segment, rank) =>
          exchangeDirect(segment, {
            ...{ number, signature: BARRIER, shown: shown[rank]!.pieces },
            plan({ bytesOf }) {
              expect(shown.map((_, other) => bytesOf(other))).toEqual(
                shown.map(({ whole }) => whole.byteLength),
              );
              return wanted[rank]!;
            },
          }),
        );
        expect(new Set(made)).toEqual(new Set([true]));
        for (const { rank, start, target } of wanted.flat())
          expect(
            firstDifference(
              target,
              shown[rank]!.whole.slice(start, start + target.byteLength),
            ),
          ).toBeNull();
        // Stages are used by all calls.
        ranks.allreduce({
          op: "SUM",
          dtype: "float32",
          length: 70_000,
          inSegment: () => false,
        });
      }
    },
  );

  it.each(SIZES)(
    "with %i ranks leave nothing behind that a rank which goes on at once could spoil",
    (size) => {
      const lengths = [2_049, 100, 600_000, 300_000, 2_048];
      const content = (rank: number, call: number): number =>
        (31 * rank + 7 * call + 1) % 256;
      for (let seed = 0; seed < 10; seed++) {
        const ranks = new Ranks(size, seed, HEAP_BYTES);
        const wrong = ranks.run(function* (segment, rank) {
          const { buffer, start } = ranks.memory.heapOf(rank);
          let differences = 0;
          for (let call = 0; call < 20; call++) {
            const bytes = lengths[(call + seed) % lengths.length]!;
            const shown =
              (call + rank) % 2 === 0
                ? new Uint8Array(buffer, start, bytes)
                : new Uint8Array(bytes);
            shown.fill(content(rank, call));
            const targets = ranks.segments.map(() => new Uint8Array(bytes));
            yield* exchangeDirect(segment, {
              ...{ number: call, signature: BARRIER, shown: [shown] },
              plan: () =>
                targets.map((target, other) => ({
                  ...{ rank: other, start: 0, target },
                })),
            });
            shown.fill(0);
            for (const [other, target] of targets.entries()) {
              const right = new Uint8Array(bytes).fill(content(other, call));
              if (firstDifference(target, right)) differences++;
            }
          }
          return differences;
        });
        expect(new Set(wrong)).toEqual(new Set([0]));
      }
    },
  );

  it("tell lengths that the others do not know", () => {
    const ranks = new Ranks(3, 10);
    const read = ranks.segments.map(() => [] as (readonly number[])[]);
    ranks.run((segment, rank) => {
      const blocks = [0, 1, 2].map(
        (other) => new Uint8Array(10 * rank + other),
      );
      return exchangeDirect(segment, {
        ...{
          number: 0,
          signature: BARRIER,
          lengths: blocks.map(({ byteLength }) => byteLength),
          shown: blocks,
        },
        plan: ({ lengthsOf }) => {
          read[rank] = [0, 1, 2].map((other) => [...lengthsOf(other, 3)]);
          return [];
        },
      });
    });
    for (const lengths of read)
      expect(lengths).toEqual([
        [0, 1, 2],
        [10, 11, 12],
        [20, 21, 22],
      ]);
  });
});

/** Comes to a call, or says that it makes it over the network. */
function* comes(
  segment: SharedSegment,
  number: number,
  diverts: boolean,
  call = BARRIER,
): Steps<boolean> {
  if (!diverts)
    return yield* barrierDirect.run(segment, { number, signature: call });
  return !segment.block.divert(number);
}

describe("The gate", () => {
  it.each([2, 3, 5])(
    "gives all of %i ranks the same answer, whoever diverts a call and whenever",
    (size) => {
      for (let seed = 0; seed < 200; seed++) {
        const ranks = new Ranks(size, seed);
        const below = randomBelow(seed + 1_000);
        const plan = Array.from({ length: 20 }, () =>
          ranks.segments.map(() => below(6) === 0),
        );
        const answers = ranks.run(function* (segment, rank) {
          const made: boolean[] = [];
          // A rank that diverts a call may be through with it before the others have begun it.
          for (const [number, diverts] of plan.entries())
            made.push(yield* comes(segment, number, diverts[rank]!));
          return made;
        });
        const wanted = plan.map((diverts) => !diverts.includes(true));
        for (const answer of answers) expect(answer).toEqual(wanted);
      }
    },
  );

  it("diverts calls that ranks describe differently, on every rank, and lets later ones pass", () => {
    for (let seed = 0; seed < 50; seed++) {
      const ranks = new Ranks(3, seed);
      const answers = ranks.run(function* (segment, rank) {
        const call =
          rank === 1 ? signature({ name: "allreduce", count: 3 }) : BARRIER;
        const first = yield* comes(segment, 0, false, call);
        return [first, yield* comes(segment, 1, false)];
      });
      for (const answer of answers) expect(answer).toEqual([false, true]);
    }
  });

  it("does not let a rank divert a call that is committed", () => {
    const ranks = new Ranks(2, 1);
    ranks.run((segment) => comes(segment, 0, false));
    expect(ranks.segments[0]!.block.divert(0)).toBe(false);
    expect(ranks.segments[0]!.block.divert(1)).toBe(true);
  });

  it("knows a call that is committed also when others have come to the next one", () => {
    for (const isDiverted of [false, true]) {
      const ranks = new Ranks(2, 1);
      ranks.run((segment) => comes(segment, 0, isDiverted));
      const [own, other] = ranks.segments;
      comes(other!, 1, false).next();
      expect(own!.block.divert(0)).toBe(isDiverted);
      expect(own!.block.divert(1)).toBe(true);
    }
  });

  it("sends all calls over the network once the ranks are in dispute, or one has left in the middle", () => {
    for (const end of ["dispute", "break"] as const) {
      const ranks = new Ranks(2, 2);
      ranks.segments[1]!.block[end]();
      expect(ranks.run((segment) => comes(segment, 0, false))).toEqual([
        false,
        false,
      ]);
    }
  });

  it("says who is in a call", () => {
    const ranks = new Ranks(2, 3);
    const [first, second] = ranks.segments.map(({ block }) => block) as [
      SharedSegment["block"],
      SharedSegment["block"],
    ];
    const waiting = comes(ranks.segments[0]!, 4, false);
    waiting.next();
    expect([second.isIn(0, 4), second.isIn(0, 3), second.isIn(1, 4)]).toEqual([
      true,
      false,
      false,
    ]);
    second.divert(4);
    expect(waiting.next()).toEqual({ done: true, value: false });
    expect(first.isIn(0, 4)).toBe(false);
  });
});
