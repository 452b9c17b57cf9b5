import {
  BEGINNING,
  type Catalogue,
  type FileIndex,
  type FileRecords,
  indexFile,
  readSplit,
  type RecordPlace,
  sliceRecords,
} from "@tsmpi/data";
import { InputProgress } from "./input-progress";
import type { Team } from "./team";

/** What is where in the files of a dataset. */
export interface Contents {
  /** Records of each file. */
  readonly counts: readonly number[];
  /** Places of each file where reading may begin, the beginning first. */
  readonly places: readonly (readonly RecordPlace[])[];
}

type FileContents = readonly [
  file: number,
  count: number,
  places: readonly RecordPlace[],
];

/** Counts the records of all files; each of the team looks at some. Files that do not tell are read. */
export async function findContents(
  catalogue: Catalogue,
  team: Team,
): Promise<Contents> {
  const { rank, size } = team;
  const progress = new InputProgress(catalogue, team, "counting records");
  const own: FileContents[] = [];
  for (let file = rank; file < catalogue.files.length; file += size) {
    const index = await indexFile(catalogue, file);
    own.push([
      file,
      ...(index === null ? await countByReading(catalogue, file) : told(index)),
    ]);
    progress.fileDone(file);
  }
  const all = new Map(
    team.allgather(own).flatMap((some) => some.map((one) => [one[0], one])),
  );
  const ordered = catalogue.files.map((_, file) => all.get(file)!);
  return {
    counts: ordered.map(([, count]) => count),
    places: ordered.map(([, , places]) => places),
  };
}

const told = ({ records, places }: FileIndex) => [records, places] as const;

async function countByReading(catalogue: Catalogue, file: number) {
  let count = 0;
  for await (const { records } of recordsOfFile(catalogue, file))
    count += records.starts.length;
  return [count, [BEGINNING]] as const;
}

/** All records of one file, in order. */
export const recordsOfFile = (
  catalogue: Catalogue,
  file: number,
): AsyncIterable<FileRecords> =>
  catalogue.files[file]!.bytes === 0
    ? nothing()
    : readSplit(catalogue, { file, place: BEGINNING, records: null }, {});

async function* nothing(): AsyncGenerator<FileRecords> {}

/** Records of a dataset that follow each other. */
export interface NumberedRecords extends FileRecords {
  /** Of the first of them, counted through all files. */
  readonly number: number;
}

/** Records `from` to `to` (exclusive) of a dataset, counted through its files, in order. */
export async function* recordsBetween(
  catalogue: Catalogue,
  { counts, places }: Contents,
  from: number,
  to: number,
): AsyncGenerator<NumberedRecords> {
  let next = 0;
  for (const [file, count] of counts.entries()) {
    const start = next;
    next += count;
    const first = Math.max(from - start, 0);
    const end = Math.min(to - start, count);
    if (first >= end) continue;
    const place =
      places[file]!.findLast(({ record }) => record <= first) ?? BEGINNING;
    const split = { file, place, records: end - place.record };
    for await (const { records } of readSplit(catalogue, split, {})) {
      const skip = Math.max(first - records.first, 0);
      const { length } = records.starts;
      if (skip >= length) continue;
      const number = start + records.first + skip;
      yield { file, number, records: sliceRecords(records, skip, length) };
    }
  }
}
