import { type KeySample, sharedKeys } from "./key-sample";

/** What can be wrong with a record: a row each. */
export const DEFECTS = {
  undecodable: "cannot be decoded",
  nonFinite: "holds NaN or an infinity",
  wrongShape: "has not the shape it should have",
  labelOutOfRange: "has a label out of range",
  duplicateKey: "has the key of another record",
} as const;

export type Defect = keyof typeof DEFECTS;

export type DefectCounts = Readonly<Record<Defect, number>>;

export const NO_DEFECTS = Object.fromEntries(
  Object.keys(DEFECTS).map((defect) => [defect, 0]),
) as DefectCounts;

/** What was looked at, and found: plain data, which travels to the root. */
export interface QualityReport {
  readonly records: number;
  readonly defects: DefectCounts;
  /** The first of them in words, with their places. */
  readonly examples: readonly string[];
  /** Of the epoch that is under way, or ended last; null: nobody looks at keys. */
  readonly keys: KeySample | null;
}

export const MOST_EXAMPLES = 10;

/** What several have found: all ranks, or the threads of one, of which one looks at keys. */
export const joinReports = (
  reports: readonly QualityReport[],
): QualityReport => ({
  records: reports.reduce((sum, { records }) => sum + records, 0),
  defects: Object.fromEntries(
    Object.keys(DEFECTS).map((name) => [
      name,
      reports.reduce((sum, { defects }) => sum + defects[name as Defect], 0),
    ]),
  ) as DefectCounts,
  examples: reports.flatMap(({ examples }) => examples).slice(0, MOST_EXAMPLES),
  keys: reports.find(({ keys }) => keys?.hashes.length)?.keys ?? null,
});

/** What no rank could find by itself: keys of an epoch that several of them have. @param reports by rank; null: it is gone */
export function reportAcross(
  reports: readonly (QualityReport | null)[],
): QualityReport {
  const keys = reports.map((report) => report?.keys ?? null);
  const { records, examples } = sharedKeys(keys, MOST_EXAMPLES);
  return {
    ...{ records: 0, examples, keys: null },
    defects: { ...NO_DEFECTS, duplicateKey: records },
  };
}

/** In a sentence; null: nothing is wrong. */
export function describeReport({
  records,
  defects,
  examples,
}: QualityReport): string | null {
  const found = (Object.keys(DEFECTS) as Defect[]).filter(
    (name) => defects[name] > 0,
  );
  if (found.length === 0) return null;
  const counts = found.map((name) => `${defects[name]} ${name}`).join(", ");
  return `of ${records} records some are bad: ${counts}; ${examples.length === 1 ? "it is" : "the first are"}:\n${examples.join("\n")}`;
}
