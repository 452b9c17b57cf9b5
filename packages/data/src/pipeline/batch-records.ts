import { formatIn } from "../catalogue/catalogue";
import { type FileRecords, recordId } from "../feed";
import { keptRows } from "../quality/decode-kept";
import { NEW_MEMORY } from "../records/column-memory";
import type { ColumnRows } from "../records/columns";
import { batch, type BatchOptions } from "./batch";
import type { Block } from "./block";
import { type DecodeOptions, decodeRecords } from "./decode-records";

/**
 * `batch` of records as they come from a feed: decoded straight into its columns, where their format can do that.
 *
 * @throws {DataError} as `decodeRecords` and `batch` do
 */
export function batchRecords(
  feed: AsyncIterable<FileRecords>,
  stage: BatchOptions,
  options: DecodeOptions,
): AsyncIterable<Block<unknown>> {
  const { catalogue, pass } = options;
  const format = formatIn(catalogue);
  const memory = stage.memory ?? NEW_MEMORY;
  const rows =
    format.columns?.(catalogue.schema, stage.batchSize, memory) ?? null;
  return rows === null
    ? batch(decodeRecords(feed, options), stage, pass)
    : batchInto(rows, feed, stage, options);
}

async function* batchInto(
  rows: ColumnRows,
  feed: AsyncIterable<FileRecords>,
  { batchSize, dropRemainder }: BatchOptions,
  { catalogue, guard, pass }: DecodeOptions,
): AsyncGenerator<Block<unknown>> {
  let ids: number[] = [];
  const put = keptRows(formatIn(catalogue), rows, guard);
  const close = (): Block<unknown> => {
    const all = ids;
    ids = [];
    const columns = rows.columns(all.length, (i) => pass.placeOf(all[i]!));
    return { items: [columns], ids: [all] };
  };
  for await (const { file, records } of feed) {
    const { path } = catalogue.files[file]!;
    const { first, starts } = records;
    for (let i = 0; i < starts.length; i++) {
      const id = recordId(file, first + i);
      if (!put(records, i, path, ids.length)) pass.dropped(id);
      else if (ids.push(id) === batchSize) yield close();
    }
  }
  if (ids.length === 0) return;
  if (dropRemainder) ids.forEach((id) => pass.dropped(id));
  else yield close();
}
