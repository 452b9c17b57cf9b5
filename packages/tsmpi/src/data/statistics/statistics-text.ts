import { countInWords, inColumns, printable } from "../words";
import type { FieldStatistics } from "./field-statistics";
import { deviationOf, type Moments } from "./moments";

const HEADINGS = [
  ...["field", "kind", "count", "missing"],
  ...["min", "max", "mean", "std", "length"],
];
/** Of labels, the most frequent are shown. */
const MOST_SHOWN = 12;

/** A line a field, then the labels of those that have them. */
export function statisticsText(
  records: number,
  fields: ReadonlyMap<string, FieldStatistics>,
): string[] {
  const rows = [...fields].map(([name, { kinds, count, numbers, lengths }]) => [
    ...[name, kindsInWords(kinds), String(count), String(records - count)],
    ...(numbers.count === 0
      ? ["", "", "", ""]
      : [
          ...[numbers.min, numbers.max, numbers.mean].map(shortNumber),
          shortNumber(deviationOf(numbers)),
        ]),
    rangeInWords(lengths),
  ]);
  return [
    ...inColumns([HEADINGS, ...rows]),
    ...[...fields].flatMap(([name, { nonFinite }]) =>
      nonFinite === 0
        ? []
        : [
            `${printable(name)}: ${countInWords(nonFinite, "number")} NaN or infinite`,
          ],
    ),
    ...[...fields].flatMap(([name, { values }]) =>
      values === null ? [] : [printable(`${name}: ${labelsInWords(values)}`)],
    ),
  ];
}

/** Of arrays of different lengths the kind alone: their lengths have a column. */
function kindsInWords(kinds: FieldStatistics["kinds"]): string {
  const names = Object.keys(kinds);
  return names.length === 1
    ? names[0]!
    : [...new Set(names.map((kind) => kind.replace(/\[\d+\]$/, "[]")))].join(
        " or ",
      );
}

const rangeInWords = ({ count, min, max, mean }: Moments): string => {
  if (count === 0) return "";
  return min === max
    ? String(min)
    : `${min} to ${max}, mean ${shortNumber(mean)}`;
};

function labelsInWords(values: Readonly<Record<string, number>>): string {
  const all = Object.entries(values).sort(([, a], [, b]) => b - a);
  const shown = all.slice(0, MOST_SHOWN);
  // As people count, where all are to be seen.
  if (shown.length === all.length)
    shown.sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
  const rest = all.length - shown.length;
  return `${countInWords(all.length, "value")}: ${shown.map(([value, count]) => `${value} (${count})`).join(", ")}${rest > 0 ? ` and ${rest} rarer` : ""}`;
}

const shortNumber = (number: number): string =>
  Number.isInteger(number) ? String(number) : String(+number.toPrecision(5));
