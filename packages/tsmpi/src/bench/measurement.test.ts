import { BENCHMARKS } from "./benchmarks";
import { type About, measurementOf } from "./measurement";

const about: About = {
  ...{ op: "any", algorithm: "ring", transport: "ipc" },
  ...{ ranks: 4, bytes: 1_000_000, dtype: "uint8", buffers: "arena" },
  compression: null,
};
const times = (...ms: number[]) => Float64Array.from(ms);

describe("measurementOf", () => {
  it("gives median, least and 99th percentile of the runs", () => {
    const one = (timesMs: Float64Array) => {
      const { medianMs, minMs, p99Ms } = measurementOf(
        BENCHMARKS.bcast,
        about,
        timesMs,
      );
      return [medianMs, minMs, p99Ms];
    };
    expect(one(times(5))).toEqual([5, 5, 5]);
    expect(one(times(30, 2, 4))).toEqual([4, 2, 30]);
    expect(one(times(30, 1, 2, 4))).toEqual([3, 1, 30]);
    const hundred = Float64Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(one(hundred)).toEqual([50.5, 1, 99]);
  });

  it("gives the quartiles, between two runs in proportion", () => {
    const quartiles = (timesMs: Float64Array) => {
      const { q1Ms, q3Ms } = measurementOf(BENCHMARKS.bcast, about, timesMs);
      return [q1Ms, q3Ms];
    };
    expect(quartiles(times(5))).toEqual([5, 5]);
    expect(quartiles(times(5, 1, 4, 2, 3))).toEqual([2, 4]);
    expect(quartiles(times(10, 20))).toEqual([12.5, 17.5]);
  });

  it.each([
    ["bcast", 1, 1],
    ["reduce", 1, 1],
    ["allreduce", 1, 1.5],
    ["reduce_scatter", 1, 0.75],
    // Their bytes are those of one of four blocks.
    ["allgather", 4, 0.75],
    ["alltoall", 4, 0.75],
    ["gather", 4, 1],
    ["scatter", 4, 1],
    ["pingpong", 2, 1],
    ["bandwidth", 64, 1],
  ] as const)(
    "gives the bandwidths of %s as nccl-tests reckon them",
    (name, times1, factor) => {
      const { algbwGBps, busbwGBps } = measurementOf(
        BENCHMARKS[name],
        about,
        times(1),
      );
      expect(algbwGBps).toBeCloseTo(times1);
      expect(busbwGBps / algbwGBps).toBeCloseTo(factor);
    },
  );
});
