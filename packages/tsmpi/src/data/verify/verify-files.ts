import {
  Account,
  type Catalogue,
  type CatalogueOptions,
  type EpochAccount,
  formatIn,
  openCatalogue,
  openSource,
  recordDecoder,
} from "@tsmpi/data";
import { DataError } from "@tsmpi/protocol";
import { recordsOfFile } from "../contents";
import type { Team } from "../team";

/** Plain data. */
export interface VerifyTask {
  readonly paths: readonly string[];
  readonly options: CatalogueOptions;
}

/** What has been found in a file: plain data. */
export interface VerifiedFile {
  /** Its number among all files. */
  readonly file: number;
  readonly bytes: number;
  /** That could be decoded. */
  readonly records: number;
  /** Of the records that were read. */
  readonly account: EpochAccount;
  /** How many damages were found, and the first of them in words. */
  readonly damages: number;
  readonly examples: readonly string[];
}

const MOST_EXAMPLES = 10;

/** Reads some of the files, and decodes each record of them. */
export async function verifyFiles(
  { paths, options }: VerifyTask,
  team: Team,
): Promise<VerifiedFile[]> {
  const sizes = await Promise.all(paths.map(sizeOf));
  const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
  const found: VerifiedFile[] = [];
  let done = 0;
  const tell = (more: number) =>
    team.progress({
      ...{ stage: "reading", unit: "bytes", done: done + more, total },
    });
  for (let file = team.rank; file < paths.length; file += team.size) {
    const path = paths[file]!;
    found.push({
      bytes: sizes[file]!,
      ...(await verifyFile({ file, path, options, tell })),
    });
    done += sizes[file]!;
    tell(0);
  }
  return found;
}

/** What is not there says so when it is opened. */
const sizeOf = (path: string): Promise<number> =>
  openSource(path).then(
    ({ bytes }) => bytes,
    () => 0,
  );

async function verifyFile({
  file,
  path,
  options,
  tell,
}: {
  readonly file: number;
  readonly path: string;
  readonly options: CatalogueOptions;
  readonly tell: (bytes: number) => void;
}): Promise<Omit<VerifiedFile, "bytes">> {
  const account = new Account(0);
  const examples: string[] = [];
  let [records, damages] = [0, 0];
  const damaged = (error: unknown): void => {
    if (!(error instanceof DataError)) throw error;
    if (++damages <= MOST_EXAMPLES) examples.push(error.message);
  };
  try {
    // An empty file is sound, and has no records.
    if ((await openSource(path)).bytes > 0) {
      const catalogue = await openCatalogue(path, options);
      for await (const { read, errors } of decodeAll(catalogue)) {
        account.add({ ...read, file });
        records += read.records.starts.length - errors.length;
        errors.forEach(damaged);
        if (catalogue.files[0]!.isSeekable) tell(read.records.offset);
      }
    }
  } catch (error) {
    damaged(error);
  }
  return { file, records, account: account.close(), damages, examples };
}

async function* decodeAll(catalogue: Catalogue) {
  const decode = await recordDecoder(formatIn(catalogue), catalogue.schema);
  const { path } = catalogue.files[0]!;
  for await (const read of recordsOfFile(catalogue, 0)) {
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
