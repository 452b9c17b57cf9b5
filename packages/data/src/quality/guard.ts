import type { ColumnRows } from "../records/columns";
import { isFinite } from "../records/finite";
import { recordError } from "../records/record-error";
import type { DataRecord } from "../records/record";
import { keyOf, wrongLabel } from "./checks";
import {
  type Defect,
  DEFECTS,
  MOST_EXAMPLES,
  NO_DEFECTS,
  type QualityReport,
} from "./defects";
import { extentOf, extentOfShape } from "./extent";
import { KeySampler } from "./key-sample";
import { KeySet } from "./key-set";
import { optionInWords } from "../option-words";

/** What to do with a bad record: end with an error; leave it out; or say so, and keep it where it could be decoded. */
export const ON_BAD_RECORD = ["fail", "skip", "log"] as const;
export type OnBadRecord = (typeof ON_BAD_RECORD)[number];

/**
 * What a record must be like: in one place, the option `quality`, since formats have options of these names. What is not asked for is
 * not looked at, but numbers that are none always are.
 */
export interface QualityOptions {
  /** Default `fail`. */
  readonly onBadRecord?: OnBadRecord;
  /** NaN and infinities are as good as other numbers. */
  readonly allowNonFinite?: boolean;
  /** How many elements a field has, by name, as a shape; `same`: all records have the fields of the first, and as many elements. */
  readonly shapes?: "same" | Readonly<Record<string, readonly number[]>>;
  /** Whole numbers from 0 to below `classes`. */
  readonly labels?: { readonly field: string; readonly classes: number };
  /**
   * A field that has another value in each record. Values are kept in memory for an epoch, of the records of this rank; those of
   * several ranks are compared when the epoch has ended, and the root tells of them: all, while ranks have 131,072 together, else a
   * part of them, which is the same on all ranks.
   */
  readonly key?: string;
}

/** Looks at each record of a rank, and counts. */
export class QualityGuard {
  readonly options: QualityOptions;
  readonly #onBadRecord: OnBadRecord;
  readonly #warn: (text: string) => void;
  readonly #defects: Record<Defect, number> = { ...NO_DEFECTS };
  readonly #examples: string[] = [];
  #records = 0;
  #keys = new KeySet();
  #sampler = new KeySampler();
  /** By field, in words. */
  #shapes: ReadonlyMap<string, string> | null;

  /** @param warn is told of the first bad records; the rest is in the report */
  constructor(
    options: QualityOptions = {},
    warn: (text: string) => void = () => {},
  ) {
    const { onBadRecord = "fail", shapes } = options;
    this.options = options;
    this.#onBadRecord = onBadRecord;
    this.#warn = warn;
    this.#shapes =
      typeof shapes === "object"
        ? new Map(
            Object.entries(shapes).map(([name, shape]) => [
              name,
              extentOfShape(shape),
            ]),
          )
        : null;
  }

  /** An epoch has its keys for itself. */
  beginEpoch(): void {
    this.#keys = new KeySet();
    this.#sampler = new KeySampler();
  }

  /** So far. */
  get report(): QualityReport {
    return {
      records: this.#records,
      defects: { ...this.#defects },
      examples: [...this.#examples],
      keys: this.options.key === undefined ? null : this.#sampler.sample(),
    };
  }

  /** @throws the error, which has its place, where bad records are to end the program */
  undecodable(error: Error): void {
    this.#records++;
    this.#bad("undecodable", error);
  }

  /**
   * @returns whether the record is to be kept
   * @throws {DataError} it is bad, and bad records are to end the program
   */
  isKept(record: DataRecord, path: string, number: number): boolean {
    this.#records++;
    const found = this.#look(record) ?? this.#lookAtKey(record, path, number);
    if (found === null) return true;
    const [defect, text] = found;
    this.#bad(
      defect,
      recordError(
        path,
        { record: number },
        `the record ${DEFECTS[defect]}: ${text}`,
      ),
    );
    return this.#onBadRecord === "log";
  }

  /** The same of a row that was put last. Mostly its numbers are all that is looked at. */
  isKeptRow(
    rows: ColumnRows,
    row: number,
    path: string,
    number: number,
  ): boolean {
    const { allowNonFinite = false, shapes, labels, key } = this.options;
    const isSound =
      shapes === undefined &&
      labels === undefined &&
      key === undefined &&
      (allowNonFinite || rows.isFinite(row));
    if (!isSound) return this.isKept(rows.record(row), path, number);
    this.#records++;
    return true;
  }

  #bad(defect: Defect, error: Error): void {
    this.#defects[defect]++;
    if (this.#onBadRecord === "fail") {
      error.message += `; ${wayOut(defect)}`;
      throw error;
    }
    if (this.#examples.length === MOST_EXAMPLES) return;
    this.#examples.push(error.message);
    if (this.#onBadRecord === "log") this.#warn(error.message);
  }

  /** The first thing that is wrong. */
  #look(record: DataRecord): readonly [Defect, string] | null {
    const { allowNonFinite = false, shapes, labels } = this.options;
    if (!allowNonFinite)
      for (const name in record)
        if (!isFinite(record[name]!)) return ["nonFinite", `field "${name}"`];
    if (shapes !== undefined) {
      const text = this.#wrongShape(record);
      if (text !== null) return ["wrongShape", text];
    }
    if (labels !== undefined) {
      const text = wrongLabel(record, labels);
      if (text !== null) return ["labelOutOfRange", text];
    }
    return null;
  }

  /** Keys count where nothing else is wrong. */
  #lookAtKey(
    record: DataRecord,
    path: string,
    number: number,
  ): readonly [Defect, string] | null {
    const { key: field } = this.options;
    if (field === undefined) return null;
    const key = keyOf(record[field]);
    if (!this.#keys.add(key)) return ["duplicateKey", `"${field}" is ${key}`];
    this.#sampler.add(key, path, number);
    return null;
  }

  #wrongShape(record: DataRecord): string | null {
    this.#shapes ??= new Map(
      Object.entries(record).map(([name, value]) => [name, extentOf(value)]),
    );
    for (const [name, wanted] of this.#shapes) {
      const found = extentOf(record[name]);
      if (found !== wanted)
        return `field "${name}" is ${found}, and should be ${wanted}`;
    }
    return null;
  }
}

/** What the user can do about it. */
function wayOut(defect: Defect): string {
  const skips = `${optionInWords("onBadRecord", "skip")} leaves such records out`;
  const keeps = `${optionInWords("onBadRecord", "log")} keeps them`;
  switch (defect) {
    case "undecodable":
      return skips;
    case "nonFinite":
      return `${skips}, ${keeps}, and ${optionInWords("allowNonFinite", true)} takes them for good`;
    case "wrongShape":
    case "labelOutOfRange":
    case "duplicateKey":
      return `${skips}, ${keeps}`;
  }
}
