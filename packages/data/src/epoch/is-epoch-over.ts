import { quickIndex } from "../catalogue/index-file";
import type { Catalogue } from "../catalogue/catalogue";
import type { RecordSet } from "../feed";
import { BEGINNING } from "../records/raw-records";
import { countRecords, gapsIn, runOf } from "../records/record-set";
import { readSplit } from "./read-split";

/**
 * Whether fewer than `least` records of an epoch have not been seen. Reads no more of the files than it must: where an epoch is not
 * nearly over, next to nothing.
 *
 * @throws {DataError} a file is broken, or not the one that the catalogue was made of
 */
export async function isEpochOver(
  catalogue: Catalogue,
  seen: RecordSet,
  least = 1,
): Promise<boolean> {
  // It has not begun.
  if (countRecords(seen) === 0) return false;
  const ends = catalogue.files.map((_, file) => seen[file]?.at(-1) ?? 0);
  let unseen = 0;
  for (const [file, end] of ends.entries())
    for (const [from, to] of gapsIn(seen, file, 0, end)) unseen += to - from;
  // Files of which nothing has been seen come first.
  const files = [...ends.keys()].sort((a, b) => ends[a]! - ends[b]!);
  for (const file of files) {
    if (unseen >= least) return false;
    unseen += await behind(catalogue, { file, end: ends[file]! }, least);
  }
  return unseen < least;
}

/** How many records of a file follow this one; from `most` on they are not counted. */
async function behind(
  catalogue: Catalogue,
  { file, end }: { readonly file: number; readonly end: number },
  most: number,
): Promise<number> {
  if (catalogue.files[file]!.bytes === 0) return 0;
  const index = end === 0 ? null : await quickIndex(catalogue, file);
  if (index !== null) return Math.max(0, index.records - end);
  let count = 0;
  const split = { file, place: BEGINNING, records: null };
  const before = runOf(file, 0, end);
  for await (const { records } of readSplit(catalogue, split, before)) {
    count += records.starts.length;
    if (count >= most) break;
  }
  return count;
}
