import {
  Account,
  type Catalogue,
  type CatalogueOptions,
  type EpochAccount,
  formatIn,
  isEmptyFile,
  openCatalogue,
  openSource,
  readSplit,
  recordDecoder,
  type Split,
} from "@tsmpi/data";
import { DataError } from "@tsmpi/protocol";
import type { Team } from "../team";
import { type FilePart, ownParts } from "./file-parts";

/** Plain data. */
export interface VerifyTask {
  readonly paths: readonly string[];
  readonly options: CatalogueOptions;
}

/** What has been found in a file, or a part of it: plain data. */
export interface VerifiedPart {
  /** Its number among all files. */
  readonly file: number;
  /** That could be decoded. */
  readonly records: number;
  /** Of the records that were read. */
  readonly account: EpochAccount;
  /** How many damages were found, and the first of them in words. */
  readonly damages: number;
  readonly examples: readonly string[];
}

const MOST_EXAMPLES = 10;

/** Reads some of the files, or of their parts, and decodes each record of them. A part ends at a record whose end is not to be found. */
export async function verifyFiles(
  { paths, options }: VerifyTask,
  team: Team,
): Promise<VerifiedPart[]> {
  const sizes = await Promise.all(paths.map(sizeOf));
  const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
  const parts = await ownParts(paths, options, team);
  const found: VerifiedPart[] = [];
  let done = 0;
  const tell = (more: number) =>
    team.progress({
      ...{ stage: "reading", unit: "bytes", done: done + more, total },
    });
  for (const part of parts) {
    const path = paths[part.file]!;
    const { verified, bytes } = await verifyPart(part, path, options, tell);
    found.push(verified);
    done += bytes ?? sizes[part.file]!;
    tell(0);
  }
  return found;
}

/** What all have found in each file, in the order of its parts. */
export function joinParts(
  parts: readonly VerifiedPart[],
  files: number,
): Omit<VerifiedPart, "account">[] {
  return Array.from({ length: files }, (_, file) => {
    const own = parts.filter((part) => part.file === file);
    const sum = (of: "records" | "damages") =>
      own.reduce((count, part) => count + part[of], 0);
    return {
      ...{ file, records: sum("records"), damages: sum("damages") },
      examples: own.flatMap(({ examples }) => examples).slice(0, MOST_EXAMPLES),
    };
  });
}

/** What is not there says so when it is opened. */
export const sizeOf = (path: string): Promise<number> =>
  openSource(path).then(
    ({ bytes }) => bytes,
    () => 0,
  );

async function verifyPart(
  { file, place, records: wanted }: FilePart,
  path: string,
  options: CatalogueOptions,
  tell: (bytes: number) => void,
): Promise<{
  readonly verified: VerifiedPart;
  /** That were read; null: all of the file. */
  readonly bytes: number | null;
}> {
  const account = new Account(0);
  const examples: string[] = [];
  let [records, damages, bytes] = [0, 0, 0];
  const damaged = (error: unknown): void => {
    if (!(error instanceof DataError)) throw error;
    if (++damages <= MOST_EXAMPLES) examples.push(error.message);
  };
  try {
    // By itself an empty file is sound.
    if (!(await isEmptyFile(path, options))) {
      const catalogue = await openCatalogue(path, options);
      const split = { file: 0, place, records: wanted };
      for await (const { read, errors } of decodeAll(catalogue, split)) {
        account.add({ ...read, file });
        records += read.records.starts.length - errors.length;
        errors.forEach(damaged);
        const { offset, bytes: some } = read.records;
        bytes = offset - place.offset + some.length;
        if (catalogue.files[0]!.isSeekable) tell(bytes);
      }
    }
  } catch (error) {
    damaged(error);
  }
  return {
    verified: { file, records, account: account.close(), damages, examples },
    bytes: place.record === 0 && wanted === null ? null : bytes,
  };
}

async function* decodeAll(catalogue: Catalogue, split: Split) {
  const decode = await recordDecoder(formatIn(catalogue), catalogue.schema);
  const { path } = catalogue.files[0]!;
  for await (const read of readSplit(catalogue, split, {})) {
    const errors: unknown[] = [];
    for (let i = 0; i < read.records.starts.length; i++)
      try {
        decode(read.records, i, path);
      } catch (error) {
        errors.push(error);
      }
    yield { read, errors };
  }
}
