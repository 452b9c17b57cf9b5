import {
  allreduceCompressed,
  CODECS,
  type Communicator,
  type Compressed,
  type Compression,
  Compressor,
  costOfCompressed,
  type ReduceOp,
} from "@tsmpi/collective";
import { bytesOf, type Dtype, MismatchError } from "@tsmpi/protocol";
import { firstDifference } from "../support/first-difference";
import { random } from "../support/random";
import { type TestRank, type Traffic, withRanks } from "../support/with-ranks";
import { expectBytes, ranksOf } from "./run-and-check";

const SIZES = [1, 2, 3, 5, 8];
/** More than a segment for each of two ranks, and no multiple of a block. */
const LONG = 600_123;
const lengthsFor = (size: number): number[] => [
  ...new Set([0, 1, size - 1, size, 255, 256 * size + 1, 5000]),
];

function valuesOf(rank: number, length: number): Float32Array {
  const next = random(1 + rank);
  return Float32Array.from({ length }, () => next() * 10 - 5);
}

const codecs = CODECS.map((codec) => [codec.name, codec] as const);

describe.each(codecs)("allreduce compressed as %s", (name, codec) => {
  const compressor = new Compressor(codec);

  const rounded = (values: Float32Array): Float32Array => {
    const wire = new Uint8Array(codec.wireBytes(values.length));
    codec.encode(values, wire);
    const result = new Float32Array(values.length);
    codec.decode(wire, result);
    return result;
  };

  /** By the definition of the codec: of the rounded values of all ranks, in their order, the rounded sum. */
  function expectedOf(size: number, length: number): Float32Array {
    if (size === 1) return valuesOf(0, length);
    const sum = rounded(valuesOf(0, length));
    for (let rank = 1; rank < size; rank++)
      rounded(valuesOf(rank, length)).forEach((value, i) => {
        sum[i]! += value;
      });
    return rounded(sum);
  }

  async function runAndCheck(
    size: number,
    length: number,
    delays?: { seed: number },
  ): Promise<void> {
    const expected = expectedOf(size, length);
    const { traffic } = await withRanks(
      size,
      async ({ channel, rank }) => {
        const buffer = valuesOf(rank, length);
        const residual = null;
        await allreduceCompressed(channel, buffer, { compressor, residual });
        expectBytes(bytesOf(buffer), bytesOf(expected));
      },
      { delays },
    );
    const cost = costOfCompressed(codec);
    const sent = ranksOf(size).flatMap((rank) =>
      cost
        .sends({ rank, size, root: 0, count: length, elementBytes: 4 })
        .map((link): Traffic => ({ from: rank, ...link }))
        .sort((a, b) => a.to - b.to),
    );
    expect({ length, traffic }).toEqual({ length, traffic: sent });
  }

  it.each(SIZES)(
    "gives every rank the same rounded sum of rounded values and sends exactly its cost, %i ranks",
    async (size) => {
      for (const length of lengthsFor(size)) await runAndCheck(size, length);
    },
  );

  it.each([2, 3])(
    "does so for a buffer of several segments, however late messages are, %i ranks",
    (size) => runAndCheck(size, LONG, { seed: size }),
  );

  it.each([2, 4, 8])(
    "sends 2(p − 1)/p of the buffer's encoded bytes, p = %i",
    async (size) => {
      const count = size * 1024;
      const sent = costOfCompressed(codec)
        .sends({ rank: 0, size, root: 0, count, elementBytes: 4 })
        .reduce((sum, { bytes }) => sum + bytes, 0);
      expect(sent).toBe((2 * (size - 1) * codec.wireBytes(count)) / size);
    },
  );

  it.each(SIZES)(
    "with residuals, gives away or keeps all that it was given, call after call, %i ranks",
    async (size) => {
      const length = 1000;
      const { results } = await withRanks(size, async ({ channel, rank }) => {
        const residual = new Float32Array(length);
        const total = new Float64Array(length);
        for (let call = 0; call < 5; call++) {
          const buffer = valuesOf(rank + 10 * call, length);
          await allreduceCompressed(channel, buffer, { compressor, residual });
          buffer.forEach((value, i) => (total[i]! += value));
        }
        return { total, residual };
      });
      const given = new Float64Array(length);
      for (const rank of ranksOf(size))
        for (let call = 0; call < 5; call++)
          valuesOf(rank + 10 * call, length).forEach((value, i) => {
            given[i]! += value;
          });
      for (const { total } of results)
        total.forEach((sum, i) => {
          const kept = results.map(({ residual }) => residual[i]!);
          const all = kept.reduce((a, b) => a + b, sum);
          expect(Math.abs(all - given[i]!)).toBeLessThan(1e-3 / 2 ** 5);
        });
      const keeps = results.some(({ residual }) => residual.some(Boolean));
      expect(keeps).toBe(size > 1);
    },
  );

  it("shows every rank what is not finite, and forgets it afterwards", async () => {
    await withRanks(3, async ({ channel, rank }) => {
      const residual = new Float32Array(1000);
      const broken = valuesOf(rank, 1000);
      if (rank === 1) broken.set([NaN, Infinity, -Infinity], 400);
      await allreduceCompressed(channel, broken, { compressor, residual });
      expect([...broken.subarray(400, 403)].some(Number.isFinite)).toBe(false);
      expect(residual.every(Number.isFinite)).toBe(true);
      const sound = valuesOf(rank, 1000);
      await allreduceCompressed(channel, sound, { compressor, residual });
      expect(sound.every(Number.isFinite)).toBe(true);
    });
  });

  it("of communicators averages too", async () => {
    await withRanks(2, async ({ communicator, rank }) => {
      const buffer = Float32Array.of(rank === 0 ? 127 : 1, 0);
      await allreduce(communicator, buffer, { op: "AVG", compression: name });
      expect(buffer[0]).toBeCloseTo(64, 3);
      expect(buffer[1]).toBe(0);
    });
  });

  it.each<[Dtype, ReduceOp, string]>([
    ["int32", "SUM", "is for float32, and the buffer is int32"],
    ["float64", "SUM", "is for float32, and the buffer is float64"],
    ["float32", "MAX", "is for MPI.SUM and MPI.AVG, not for MAX"],
  ])("refuses %s × %s on every rank", async (dtype, op, message) => {
    const { results } = await withRanks(2, ({ communicator }) =>
      failure(
        allreduce(communicator, BUFFERS[dtype]!(), {
          ...{ dtype, op, compression: name },
        }),
      ),
    );
    for (const error of results)
      expect(error).toMatchObject({
        code: "ERR_ARG",
        message: expect.stringContaining(message) as string,
      });
  });

  it("is not the same call as one that is not compressed", async () => {
    const { results } = await withRanks(2, ({ communicator, rank }) =>
      failure(
        allreduce(communicator, new Float32Array(4), {
          compression: rank === 0 ? name : null,
        }),
      ),
    );
    for (const error of results) {
      expect(error).toBeInstanceOf(MismatchError);
      expect(error).toMatchObject({
        message: expect.stringContaining(
          `allreduce(float32 × 4, SUM, {"compression":"${name}"})`,
        ) as string,
      });
    }
  });
});

const BUFFERS: Readonly<
  Partial<Record<Dtype, () => Int32Array | Float32Array | Float64Array>>
> = {
  int32: () => new Int32Array(4),
  float64: () => new Float64Array(4),
  float32: () => new Float32Array(4),
};

function allreduce(
  communicator: Communicator,
  buffer: Int32Array | Float32Array | Float64Array,
  {
    dtype = "float32",
    op = "SUM",
    compression,
  }: { dtype?: Dtype; op?: ReduceOp; compression: Compression | null },
): Promise<void> {
  const call = { name: "allreduce", dtype, op, count: buffer.length } as const;
  const compressed: Compressed | null = compression && {
    ...{ compression, residual: null },
  };
  return communicator.allreduce(call, buffer, undefined, { compressed });
}

async function failure(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
    return null;
  } catch (error) {
    return error;
  }
}

describe("gradient descent with compressed sums", () => {
  const LENGTH = 300;
  const STEPS = 600;
  /** Where rank r wants to be. Of the first coordinate ranks always disagree, so that its gradient sets the scale of its block. */
  const targetOf = (rank: number, size: number): Float32Array => {
    const target = valuesOf(rank, LENGTH).map((value) => value / 50);
    target[0] = 100 * (rank - (size - 1) / 2);
    return target;
  };

  /** Distance from the minimum of the mean of all ranks' ½ |w − target|², which is the mean of their targets. */
  async function distanceAfter(
    size: number,
    compression: Compression | null,
    { feedback = true } = {},
  ): Promise<number> {
    const descend = async ({ communicator, rank }: TestRank) => {
      const target = targetOf(rank, size);
      const weights = new Float32Array(LENGTH);
      const residual = feedback ? new Float32Array(LENGTH) : null;
      for (let step = 0; step < STEPS; step++) {
        const gradient = weights.map((weight, i) => weight - target[i]!);
        const call = {
          name: "allreduce",
          dtype: "float32",
          op: "AVG",
        } as const;
        await communicator.allreduce(
          { ...call, count: LENGTH },
          gradient,
          undefined,
          { compressed: compression && { compression, residual } },
        );
        const rate = 0.5 / (1 + step / 20);
        for (let i = 0; i < LENGTH; i++) weights[i]! -= rate * gradient[i]!;
      }
      return weights;
    };
    const { results } = await withRanks(size, descend);
    for (const weights of results)
      expect(firstDifference(weights, results[0]!)).toBeNull();
    const targets = ranksOf(size).map((rank) => targetOf(rank, size));
    return Math.hypot(
      ...[...results[0]!].map(
        (weight, i) =>
          weight - targets.reduce((sum, of) => sum + of[i]!, 0) / size,
      ),
    );
  }

  const START = Math.hypot(...ranksOf(LENGTH).map(() => 0.05));

  it.each([
    [2, null],
    ...CODECS.flatMap(({ name }) =>
      [2, 3].map((size) => [size, name] as const),
    ),
  ] as const)(
    "%i ranks, %s, ends at the minimum",
    async (size, compression) => {
      expect(await distanceAfter(size, compression)).toBeLessThan(START / 10);
    },
  );

  it.each([2, 3])(
    "%i ranks, int8, stays away from it without feedback",
    async (size) => {
      const without = await distanceAfter(size, "int8", { feedback: false });
      expect(without).toBeGreaterThan(START / 2);
    },
  );
});
