import {
  type CatalogueOptions,
  formatIn,
  indexFile,
  openCatalogue,
  type RecordPlace,
} from "@tsmpi/data";
import { blockOf, DataError } from "@tsmpi/protocol";
import type { Team } from "../team";

/** A run of records of a file: plain data. */
export interface FilePart {
  readonly file: number;
  readonly place: RecordPlace;
  /** null: to the end of the file. */
  readonly records: number | null;
}

/**
 * What this one of the team looks at: some of the files, or, where there are fewer of them than there are ranks, a part of each, as
 * far as it is known where reading may begin. All call it.
 */
export async function ownParts(
  paths: readonly string[],
  options: CatalogueOptions,
  team: Team,
): Promise<FilePart[]> {
  const { rank, size } = team;
  const own = paths.map((_, file) => file).filter((f) => f % size === rank);
  if (paths.length >= size) return own.map(wholeFile);
  const found: [file: number, places: readonly RecordPlace[]][] = [];
  for (const file of own)
    found.push([file, await placesIn(paths[file]!, options)]);
  const places = new Map(team.allgather(found).flat());
  return paths.flatMap((_, file) => {
    const inFile = places.get(file)!;
    if (inFile.length < size)
      return file % size === rank ? [wholeFile(file)] : [];
    return partOf(file, inFile, team);
  });
}

const wholeFile = (file: number): FilePart => ({
  ...{ file, place: { record: 0, offset: 0 }, records: null },
});

/** A block of what lies between places. */
function partOf(
  file: number,
  places: readonly RecordPlace[],
  { rank, size }: Team,
): FilePart[] {
  const { start, end } = blockOf(places.length, size, rank);
  const place = places[start]!;
  const next = places[end];
  const records = next === undefined ? null : next.record - place.record;
  return [{ file, place, records }];
}

/** None where nobody knows, where all of it has to be read by one, or where the file is damaged: who reads it says how. */
async function placesIn(
  path: string,
  options: CatalogueOptions,
): Promise<readonly RecordPlace[]> {
  try {
    const catalogue = await openCatalogue(path, options);
    if (formatIn(catalogue).isCheckedAsWhole) return [];
    return (await indexFile(catalogue, 0))?.places ?? [];
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return [];
  }
}
