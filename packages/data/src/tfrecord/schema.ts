import type { FeatureSpecs } from "../feature-spec";
import type { DataRecord, FieldValue } from "../records/record";

/** Plain data, the same for all files that were written with the same features. */
export interface ExampleSchema {
  /** Null: every example says itself what it holds. */
  readonly features: FeatureSpecs | null;
  /** For writing: what becomes of JavaScript's numbers, which may be either, by the name of their feature. */
  readonly numbers: Readonly<Record<string, NumberKind>>;
}

export type NumberKind = "float" | "int64";

/**
 * Of features that hold JavaScript's numbers, by themselves or in lists: whole ones in all of these records, or not.
 * Typed arrays, bigints, texts and bytes tell themselves what they are.
 */
export function numbersOf(
  records: readonly DataRecord[],
): Record<string, NumberKind> {
  const kinds: Record<string, NumberKind> = Object.create(null) as Record<
    string,
    NumberKind
  >;
  for (const record of records)
    for (const [name, value] of Object.entries(record)) {
      const values = (Array.isArray(value) ? value : [value]) as FieldValue[];
      for (const one of values)
        if (typeof one === "number" && kinds[name] !== "float")
          kinds[name] = Number.isSafeInteger(one) ? "int64" : "float";
    }
  return kinds;
}

/** Tags of `Feature`'s fields: field number × 8 + 2, for something with a length. */
export const BYTES_LIST = 0x0a;
export const FLOAT_LIST = 0x12;
export const INT64_LIST = 0x1a;

export const LIST_NAMES: Readonly<Record<number, string>> = {
  [BYTES_LIST]: "bytes_list",
  [FLOAT_LIST]: "float_list",
  [INT64_LIST]: "int64_list",
};
