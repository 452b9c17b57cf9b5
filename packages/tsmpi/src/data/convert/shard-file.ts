import {
  type DataRecord,
  FORMATS,
  type RecordFile,
  recordFiles,
} from "@tsmpi/data";
import type { DecodedRecords } from "../decoded";
import { plainRecords } from "./plain-records";

/** A file that is being written. */
export interface ShardFile extends Omit<RecordFile, "write"> {
  readonly records: number;
  /** @returns how many records @throws {DataError} one that is not like the others, by its place in the input; a full disk */
  write(decoded: DecodedRecords): Promise<number>;
}

/** What is written. */
export interface Output {
  /** Name of the format. */
  readonly format: string;
  readonly schema: unknown;
  /** Fields that are arrays of one value; null: fields stay what they are. */
  readonly singles: readonly string[] | null;
}

/** @returns a function that begins a file */
export async function shardFiles({
  format,
  schema,
  singles,
}: Output): Promise<(path: string) => Promise<ShardFile>> {
  const open = await recordFiles(FORMATS.get(format)!.writing!, schema);
  const written =
    singles === null ? (record: DataRecord) => record : plainRecords(singles);
  return async (path) => {
    const file = await open(path);
    let count = 0;
    return {
      publish: () => file.publish(),
      discard: () => file.discard(),
      get records() {
        return count;
      },
      async write({ path, records, numbers }) {
        for (const [i, record] of records.entries())
          await file.write(written(record), { path, record: numbers[i]! });
        count += records.length;
        return records.length;
      },
    };
  };
}
