import {
  type Catalogue,
  type DataRecord,
  type FileRecords,
  formatIn,
  keptDecoder,
  QualityGuard,
  type QualityOptions,
  recordDecoder,
} from "@tsmpi/data";
import { recordsOfFile } from "./contents";

/** Records of one file that are as they should be, in order. */
export interface DecodedRecords {
  readonly path: string;
  readonly records: readonly DataRecord[];
  /** Of each, within its file. */
  readonly numbers: readonly number[];
}

/** Decodes records, and leaves out those that the guard does not let through. */
export async function decoderOf(
  catalogue: Catalogue,
  guard: QualityGuard,
): Promise<(read: FileRecords) => DecodedRecords> {
  const decode = keptDecoder(
    await recordDecoder(formatIn(catalogue), catalogue.schema),
    guard,
  );
  return ({ file, records: raw }) => {
    const { path } = catalogue.files[file]!;
    const [records, numbers]: [DataRecord[], number[]] = [[], []];
    for (let i = 0; i < raw.starts.length; i++) {
      const record = decode(raw, i, path);
      if (record === null) continue;
      records.push(record);
      numbers.push(raw.first + i);
    }
    return { path, records, numbers };
  };
}

/**
 * The first records of a dataset, for those who want to know what is in it.
 *
 * @throws {DataError} one of them is bad, unless bad records are left out
 */
export async function firstRecords(
  catalogue: Catalogue,
  count: number,
  quality: QualityOptions,
): Promise<DataRecord[]> {
  const decode = await decoderOf(catalogue, new QualityGuard(quality));
  const first: DataRecord[] = [];
  for (const file of catalogue.files.keys())
    for await (const read of recordsOfFile(catalogue, file)) {
      first.push(...decode(read).records.slice(0, count - first.length));
      if (first.length === count) return first;
    }
  return first;
}
