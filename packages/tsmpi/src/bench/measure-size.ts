import { select } from "@tsmpi/collective";
import { bytesPerElement } from "@tsmpi/protocol";
import type { Intracomm } from "@tsmpi/worker";
import type { Measured } from "./benchmark";
import type { HintedCommunicators } from "./hinted-communicators";
import { measure, type Way } from "./measure";
import { type Measurement, measurementOf } from "./measurement";
import { memoryOf } from "./memory";
import type { BenchSettings, Buffers } from "./settings";

/** What all sizes have in common. */
export interface Bench {
  readonly world: Intracomm;
  readonly communicators: HintedCommunicators;
  readonly benchmark: Measured;
  readonly settings: BenchSettings;
  readonly transport: string;
}

/** What came of one size in buffers of one kind, the same on every rank. */
export interface SizeResult {
  /** One for each algorithm, and for each compression. */
  readonly measurements: readonly Measurement[];
  /** The time of each run of each. */
  readonly times: readonly Float64Array[];
  /** The algorithm that `auto` takes; null where there are none. */
  readonly chosen: string | null;
}

/** Measures one size in buffers of one kind, on all ranks. */
export function measureSize(
  bench: Bench,
  { bytes, buffers }: { readonly bytes: number; readonly buffers: Buffers },
): SizeResult {
  const { world, benchmark, settings, transport } = bench;
  const { name, dtype } = settings;
  const { rank, size } = world;
  const { chosen, ways } = waysFor(bench, bytes);
  const { allocate, close } = memoryOf(buffers, dtype);
  const count = bytes / bytesPerElement(dtype);
  const times = measure(
    world,
    benchmark.prepare({ rank, size, dtype, count, allocate }),
    ways,
    { ...roundsFor(bench, bytes), title: `${name} of ${bytes} bytes` },
  );
  close();
  const measurements = ways.map(({ algorithm, compression }, way) =>
    measurementOf(
      benchmark,
      {
        ...{ op: name, algorithm },
        transport: algorithm === "direct" ? "shm" : transport,
        ...{ ranks: size, bytes },
        dtype: benchmark.sizes && dtype,
        buffers: benchmark.sizes && buffers,
        compression,
      },
      times[way]!,
    ),
  );
  return { measurements, times, chosen };
}

/** `auto` is what is chosen for this size; nothing is measured twice. */
function waysFor(
  { world, communicators, benchmark, settings }: Bench,
  bytes: number,
): { readonly chosen: string | null; readonly ways: Way[] } {
  const { collective } = benchmark;
  if (collective === null)
    return {
      chosen: null,
      ways: [{ algorithm: "point-to-point", comm: world, compression: null }],
    };
  const { sharesMemory, hosts } = world;
  const call = {
    ...{ size: world.size, needsRankOrder: false, sharesMemory, hosts },
    bytes: (benchmark.lengthsDiffer ? null : bytes) as number,
  };
  const { name: chosen } = select(collective, {
    ...call,
    wanted: "auto",
  });
  const names = settings.algorithms.map((algorithm) =>
    algorithm === "auto" ? chosen : algorithm,
  );
  const ways = [...new Set(names)]
    .filter(
      // Where ranks share no memory, say, it would be another one under this name.
      (algorithm) =>
        select(collective, { ...call, wanted: algorithm as "auto" }).name ===
        algorithm,
    )
    .map((algorithm) => ({
      algorithm,
      comm: communicators.using(collective, algorithm),
      compression: null,
    }));
  const compressed = settings.compressions.map((compression) => ({
    ...{ algorithm: "compressed", comm: world, compression },
  }));
  return { chosen, ways: [...ways, ...compressed] };
}

/** More often what is over sooner. */
function roundsFor(
  { world, benchmark, settings }: Bench,
  bytes: number,
): { readonly warmup: number; readonly iterations: number } {
  const whole = bytes * (benchmark.sizes?.of === "block" ? world.size : 1);
  const isLarge = whole >= 1024 ** 2;
  return {
    warmup: settings.warmup ?? (isLarge ? 10 : 100),
    iterations: settings.iterations ?? (isLarge ? 50 : 200),
  };
}
