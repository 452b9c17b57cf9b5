import { openSource } from "../files/byte-source";
import type { FileIndex } from "../format";
import type { RecordPlace } from "../records/raw-records";
import { type Catalogue, formatIn } from "./catalogue";
import { inGroups } from "./in-groups";

const EMPTY: FileIndex = { records: 0, places: [] };

/** What is where in a file, if its format knows without reading all of it; else null. */
export async function quickIndex(
  catalogue: Catalogue,
  file: number,
): Promise<FileIndex | null> {
  const { path, bytes, isSeekable } = catalogue.files[file]!;
  if (bytes === 0) return EMPTY;
  const format = formatIn(catalogue);
  if (!isSeekable || format.index === undefined) return null;
  return format.index(await openSource(path), catalogue.schema);
}

/** Of all files. */
export const quickIndexes = (
  catalogue: Catalogue,
): Promise<(FileIndex | null)[]> =>
  inGroups(catalogue.files, (_, file) => quickIndex(catalogue, file));

/** null: not known. */
export const countIn = (index: FileIndex | null): number | null =>
  index?.records ?? null;

/** Of all files; null: one of them is not known. */
export const totalRecords = (
  counts: readonly (number | null)[],
): number | null =>
  counts.reduce<number | null>(
    (sum, count) => (sum === null || count === null ? null : sum + count),
    0,
  );

/**
 * What is where in a file. If its format does not know, all of it is read.
 *
 * @returns null: it is compressed, and can only be read from its beginning; how many records it has is seen at its end
 */
export async function indexFile(
  catalogue: Catalogue,
  file: number,
): Promise<FileIndex | null> {
  const quick = await quickIndex(catalogue, file);
  const { path, isSeekable } = catalogue.files[file]!;
  if (quick !== null || !isSeekable) return quick;
  const places: RecordPlace[] = [];
  let records = 0;
  const source = await openSource(path);
  for await (const { starts, first, offset } of formatIn(catalogue).read(
    source,
    catalogue.schema,
  )) {
    places.push({ record: first, offset });
    records += starts.length;
  }
  return { records, places };
}
