import { DataError } from "@tsmpi/protocol";
import type { RecordPlace } from "./raw-records";

/**
 * What is wrong with a record, and where that record is: `train.jsonl, record 12 (byte 3456): …`. Records are counted from 0, bytes
 * uncompressed.
 *
 * @param place without an offset where records are not bytes of the file as they lie there
 */
export const recordError = (
  path: string,
  { record, offset }: { readonly record: number } & Partial<RecordPlace>,
  cause: unknown,
): DataError =>
  new DataError(
    `${path}, record ${record}${offset === undefined ? "" : ` (byte ${offset})`}: ${cause instanceof Error ? cause.message : String(cause)}`,
    { cause },
  );
