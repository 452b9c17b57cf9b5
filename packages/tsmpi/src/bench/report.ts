import type { Bench, SizeResult } from "./measure-size";
import type { Measurement } from "./measurement";
import { formatSize } from "./sizes";

/** What is printed: first the header, then lines for each size as soon as it is measured. */
export interface Report {
  readonly header: readonly string[];
  readonly lines: (result: SizeResult) => readonly string[];
}

/** The part of a bench that a report speaks of. */
export type Reported = Pick<Bench, "benchmark" | "settings" | "transport"> & {
  readonly world: { readonly size: number };
};

/** For programs, or for people: one algorithm in all its figures, or several side by side. */
export function reportFor(bench: Reported): Report {
  const { benchmark, settings } = bench;
  if (settings.json)
    return {
      header: [],
      lines: ({ measurements }) =>
        measurements.map((measurement) => JSON.stringify(measurement)),
    };
  if (benchmark.describe)
    return {
      header: [],
      lines: ({ measurements, times }) =>
        measurements.map((one, i) => benchmark.describe!(one, times[i]!)),
    };
  return settings.algorithms.length > 1 ? comparison(bench) : figures(bench);
}

const FIGURES = ["median ms", "min ms", "p99 ms", "algbw GB/s", "busbw GB/s"];
const SIZE_WIDTH = 8;
const NAME_WIDTH = 20;
const FIGURE_WIDTH = 12;

function figures(bench: Reported): Report {
  const hasNames = bench.benchmark.collective !== null;
  const row = (size: string, name: string, values: readonly string[]): string =>
    [
      size.padStart(SIZE_WIDTH),
      hasNames ? `  ${name.padEnd(NAME_WIDTH)}` : "",
      ...values.map((value) => value.padStart(FIGURE_WIDTH)),
    ].join("");
  return {
    header: [title(bench), row("bytes", "algorithm", FIGURES)],
    lines: ({ measurements }) =>
      measurements.map((one) =>
        row(formatSize(one.bytes), one.algorithm, [
          ...[one.medianMs, one.minMs, one.p99Ms].map(milliseconds),
          ...[one.algbwGBps, one.busbwGBps].map((value) => value.toFixed(3)),
        ]),
      ),
  };
}

/** Medians beside each other, and who wins. */
function comparison(bench: Reported): Report {
  const { algorithms } = bench.settings;
  const row = (size: string, cells: readonly string[], last: string): string =>
    [
      size.padStart(SIZE_WIDTH),
      ...cells.map((cell, i) =>
        cell.padStart(Math.max(FIGURE_WIDTH, algorithms[i]!.length + 2)),
      ),
      `  ${last}`,
    ].join("");
  return {
    header: [
      `${title(bench)}; medians in ms`,
      row("bytes", algorithms, "fastest"),
    ],
    lines: ({ measurements, chosen }) => {
      const medianOf = (name: string): number =>
        measurements.find(({ algorithm }) => algorithm === name)?.medianMs ??
        NaN;
      const cells = algorithms.map((name) =>
        milliseconds(medianOf(name === "auto" ? chosen! : name)),
      );
      const size = formatSize(measurements[0]!.bytes);
      return [row(size, cells, verdict(measurements, chosen!))];
    },
  };
}

/** Which algorithm wins, and which one `select` takes. */
function verdict(measurements: readonly Measurement[], chosen: string): string {
  const fastest = measurements.reduce((best, one) =>
    one.medianMs < best.medianMs ? one : best,
  );
  if (fastest.algorithm === chosen) return `${chosen}, as select takes`;
  const taken = measurements.find(({ algorithm }) => algorithm === chosen);
  const price = taken
    ? `, ${(taken.medianMs / fastest.medianMs).toFixed(2)} times as long`
    : "";
  return `${fastest.algorithm}; select takes ${chosen}${price}`;
}

function title({ benchmark, settings, transport, world }: Reported): string {
  const { name, dtype, buffers } = settings;
  const { size } = world;
  const where = `${size} rank${size === 1 ? "" : "s"} over ${transport}`;
  if (benchmark.sizes === null) return `${name}, ${where}`;
  const memory = buffers === "arena" ? "in the arena" : "in memory of its own";
  const block =
    benchmark.sizes.of === "block" ? "; bytes of each rank's block" : "";
  return `${name} of ${dtype} ${memory}, ${where}${block}`;
}

const milliseconds = (value: number): string =>
  value.toFixed(value < 0.1 ? 4 : 3);
