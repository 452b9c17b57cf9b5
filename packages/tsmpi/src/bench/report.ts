import type { Bench, SizeResult } from "./measure-size";
import { type Measurement, nameOf } from "./measurement";
import { formatSize } from "./sizes";

/** What is printed: first the header, then lines for each size as soon as it is measured. */
export interface Report {
  readonly header: readonly string[];
  readonly lines: (result: SizeResult) => readonly string[];
}

/** The part of a bench that a report speaks of. */
export type Reported = Pick<Bench, "benchmark" | "settings"> & {
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
  const { algorithms, compressions } = settings;
  return algorithms.length + compressions.length > 1
    ? comparison(bench)
    : figures(bench);
}

/** Of a table whose rows each tell of one thing. */
interface Column<Of> {
  readonly title: string;
  readonly width: number;
  /** Names stand left in their column, figures right. */
  readonly isName?: true;
  readonly cell: (of: Of) => string;
}

function line<Of>(
  columns: readonly Column<Of>[],
  textOf: (column: Column<Of>) => string,
): string {
  const cells = columns.map((column) =>
    column.isName
      ? `  ${textOf(column).padEnd(column.width)}`
      : textOf(column).padStart(column.width),
  );
  return cells.join("").trimEnd();
}

const FIGURES: readonly Column<Measurement>[] = [
  { title: "median ms", width: 11, cell: (of) => milliseconds(of.medianMs) },
  { title: "min ms", width: 10, cell: (of) => milliseconds(of.minMs) },
  {
    title: "quartiles ms",
    width: 18,
    cell: (of) => `${milliseconds(of.q1Ms)}–${milliseconds(of.q3Ms)}`,
  },
  { title: "algbw GB/s", width: 12, cell: (of) => of.algbwGBps.toFixed(3) },
  { title: "busbw GB/s", width: 12, cell: (of) => of.busbwGBps.toFixed(3) },
];

function figures(bench: Reported): Report {
  const columns = [
    ...about<Measurement>(bench, (one) => [one]),
    ...(bench.benchmark.collective === null ? [] : [ALGORITHM]),
    ...FIGURES,
  ];
  return {
    header: header(bench, title(bench), columns),
    lines: ({ measurements }) =>
      measurements.map((one) => line(columns, ({ cell }) => cell(one))),
  };
}

const ALGORITHM: Column<Measurement> = {
  ...{ title: "algorithm", width: 19, isName: true },
  cell: nameOf,
};

/** What measurements of one row have in common; several algorithms may have used several transports. */
function about<Of>(
  { benchmark }: Reported,
  measurementsOf: (of: Of) => readonly Measurement[],
): Column<Of>[] {
  const transports = (of: Of): string[] =>
    measurementsOf(of).map(({ transport }) => transport);
  const transport: Column<Of> = {
    ...{ title: "transport", width: 9, isName: true },
    cell: (of) => [...new Set(transports(of))].join("+"),
  };
  if (benchmark.sizes === null) return [transport];
  return [
    {
      ...{ title: "bytes", width: 8 },
      cell: (of) => formatSize(measurementsOf(of)[0]!.bytes),
    },
    transport,
    {
      ...{ title: "buffers", width: 8, isName: true },
      cell: (of) => measurementsOf(of)[0]!.buffers ?? "",
    },
  ];
}

/** Medians beside each other, and who wins. */
function comparison(bench: Reported): Report {
  const { algorithms, compressions } = bench.settings;
  const columns: Column<SizeResult>[] = [
    ...about<SizeResult>(bench, ({ measurements }) => measurements),
    ...[...algorithms, ...compressions].map((name) => ({
      title: name,
      width: Math.max(11, name.length + 2),
      cell: ({ measurements, chosen }: SizeResult) => {
        const wanted = name === "auto" ? chosen : name;
        const one = measurements.find((of) => nameOf(of) === wanted);
        return one ? milliseconds(one.medianMs) : "–";
      },
    })),
    {
      ...{ title: "fastest", width: 0, isName: true },
      cell: ({ measurements, chosen }) => verdict(measurements, chosen!),
    },
  ];
  return {
    header: header(bench, `${title(bench)}; medians in ms`, columns),
    lines: (result) => [line(columns, ({ cell }) => cell(result))],
  };
}

/** Which algorithm wins, and which one `select` takes. */
function verdict(measurements: readonly Measurement[], chosen: string): string {
  const fastest = measurements.reduce((best, one) =>
    one.medianMs < best.medianMs ? one : best,
  );
  if (nameOf(fastest) === chosen) return `${chosen}, as select takes`;
  const taken = measurements.find((of) => nameOf(of) === chosen);
  const price = taken
    ? `, ${(taken.medianMs / fastest.medianMs).toFixed(2)} times as long`
    : "";
  return `${nameOf(fastest)}; select takes ${chosen}${price}`;
}

const header = <Of>(
  { settings }: Reported,
  title: string,
  columns: readonly Column<Of>[],
): string[] =>
  settings.continues ? [] : [title, line(columns, ({ title }) => title)];

function title({ benchmark, settings, world }: Reported): string {
  const { name, dtype } = settings;
  const ranks = `${world.size} rank${world.size === 1 ? "" : "s"}`;
  if (benchmark.sizes === null) return `${name}, ${ranks}`;
  const block =
    benchmark.sizes.of === "block" ? "; bytes of each rank's block" : "";
  return `${name} of ${dtype}, ${ranks}${block}`;
}

const milliseconds = (value: number): string =>
  value.toFixed(value < 0.1 ? 4 : 3);
