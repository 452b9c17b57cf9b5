import { type Catalogue, formatIn } from "../catalogue/catalogue";
import { type FileRecords, recordId } from "../feed";
import { recordDecoder } from "../records/decode";
import type { DataRecord } from "../records/record";
import { keptDecoder } from "../quality/decode-kept";
import type { QualityGuard } from "../quality/guard";
import { type Block, BLOCK_RECORDS } from "./block";
import type { Pass } from "./pass";

/**
 * The records of a feed, decoded and looked at.
 *
 * @throws {DataError} one that is bad, unless the guard is to leave it out: says which, and why
 */
export async function* decodeRecords(
  feed: AsyncIterable<FileRecords>,
  { catalogue, guard, pass }: DecodeOptions,
): AsyncGenerator<Block<DataRecord>> {
  const decode = keptDecoder(
    await recordDecoder(formatIn(catalogue), catalogue.schema),
    guard,
  );
  for await (const { file, records } of feed) {
    const { path } = catalogue.files[file]!;
    const { first, starts } = records;
    for (let from = 0; from < starts.length; from += BLOCK_RECORDS) {
      const to = Math.min(from + BLOCK_RECORDS, starts.length);
      const [items, ids]: [DataRecord[], number[]] = [[], []];
      for (let i = from; i < to; i++) {
        const record = decode(records, i, path);
        const id = recordId(file, first + i);
        if (record !== null) {
          items.push(record);
          ids.push(id);
        } else pass.dropped(id);
      }
      if (items.length > 0) yield { items, ids };
    }
  }
}

export interface DecodeOptions {
  readonly catalogue: Catalogue;
  readonly guard: QualityGuard;
  readonly pass: Pass;
}
