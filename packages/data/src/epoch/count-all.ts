import type { Catalogue } from "../catalogue/catalogue";
import { quickIndexes } from "../catalogue/index-file";
import { ReadMemory } from "../files/read-memory";
import type { FileIndex } from "../format";
import { BEGINNING } from "../records/raw-records";
import { NO_RECORDS } from "../records/record-set";
import { readSplit } from "./read-split";

/**
 * How many records a dataset has. Files that do not tell are read for it.
 *
 * @param known what is where in the files, where somebody has looked
 * @throws {DataError} a file is broken, or not the one that the catalogue was made of
 */
export async function countAll(
  catalogue: Catalogue,
  known: readonly (FileIndex | null)[] | null,
): Promise<number> {
  const memory = new ReadMemory();
  let count = 0;
  for (const [file, index] of (
    known ?? (await quickIndexes(catalogue))
  ).entries()) {
    if (index !== null) {
      count += index.records;
      continue;
    }
    const split = { file, place: BEGINNING, records: null };
    const runs = readSplit(catalogue, split, NO_RECORDS, memory);
    for await (const { records } of runs) count += records.starts.length;
  }
  return count;
}
