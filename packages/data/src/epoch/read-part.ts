import type { Catalogue } from "../catalogue/catalogue";
import type { FileRecords, RecordSet } from "../feed";
import type { ReadMemory } from "../files/read-memory";
import { sliceRecords } from "../records/raw-records";
import { uniteRecords } from "../records/record-set";
import { readSplit } from "./read-split";
import type { Split } from "./splits";

/**
 * Of a split, the records from the `from`-th (default: the first) to the `to`-th (exclusive; default: the end) of those that have not
 * been seen. Plain data.
 */
export interface Part {
  readonly split: Split;
  readonly from?: number;
  readonly to?: number;
  /** Beside what the plan of the epoch says. */
  readonly seen?: RecordSet;
}

/** Its records, in order. @param memory as `readSplit` takes it @throws {DataError} as `readSplit` does */
export async function* readPart(
  catalogue: Catalogue,
  { split, from = 0, to = Infinity, seen: more }: Part,
  seen: RecordSet,
  memory: ReadMemory | null = null,
): AsyncGenerator<FileRecords> {
  const without = more === undefined ? seen : uniteRecords(seen, more);
  let at = 0;
  const runs = readSplit(catalogue, split, without, memory);
  for await (const { file, records } of runs) {
    const begin = at;
    at += records.starts.length;
    const first = Math.max(from - begin, 0);
    const end = Math.min(to - begin, records.starts.length);
    if (first < end) yield { file, records: sliceRecords(records, first, end) };
    if (at >= to) return;
  }
}
