import type { Catalogue } from "../catalogue/catalogue";
import type { EpochPlan } from "../feed";
import type { FileIndex } from "../format";
import { permutation } from "../permutation";
import { randomStream } from "../random-stream";
import { hasRecords } from "../records/record-set";
import { BEGINNING, type RecordPlace } from "../records/raw-records";

/** Few enough to be mixed well, enough to be read at a stretch. */
export const SPLIT_RECORDS = 4096;

/** A part of a file, which one rank reads: the unit in which an epoch is dealt out. Plain data. */
export interface Split {
  /** Its number in the catalogue. */
  readonly file: number;
  readonly place: RecordPlace;
  /** null: to the end of the file, wherever that is. */
  readonly records: number | null;
}

/**
 * The parts of files that make up an epoch, in its order: that of the files, or, where it is shuffled, one that (seed, epoch)
 * decide, the same on every rank. Parts of which all records have been seen are left out. Pure.
 *
 * @param indexes one a file; null: the file is one part
 * @param splitRecords about so many a part; what is known of places in a file decides
 */
export function splitsOf(
  { files }: Catalogue,
  indexes: readonly (FileIndex | null)[],
  { epoch, seed, isShuffled, seen }: EpochPlan,
  splitRecords: number,
): Split[] {
  const all = files.flatMap(({ bytes }, file) =>
    bytes === 0 ? [] : splitsOfFile(file, indexes[file]!, splitRecords),
  );
  const order = isShuffled
    ? permutation(all.length, randomStream(seed, "splits", epoch))
    : all.keys();
  return Array.from(order, (i) => all[i]!).filter(
    ({ file, place: { record }, records }) =>
      records === null || !hasRecords(seen, file, record, record + records),
  );
}

/** Cuts where the index has a place, as soon as a part has its number of records. */
function splitsOfFile(
  file: number,
  index: FileIndex | null,
  splitRecords: number,
): Split[] {
  if (index === null) return [{ file, place: BEGINNING, records: null }];
  if (index.records === 0) return [];
  const cuts: RecordPlace[] = [index.places[0] ?? BEGINNING];
  for (const place of index.places) {
    const isDue = place.record >= cuts.at(-1)!.record + splitRecords;
    if (isDue && place.record < index.records) cuts.push(place);
  }
  return cuts.map((place, i) => ({
    ...{ file, place },
    records: (cuts[i + 1]?.record ?? index.records) - place.record,
  }));
}
