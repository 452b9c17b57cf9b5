import { DataError } from "@tsmpi/protocol";
import { type ByteSource, openSource } from "../files/byte-source";
import type { Format } from "../format";
import { formatOf } from "../registry";
import type { CatalogueOptions } from "./catalogue";

/** Whether there is a record in a file, and not a header alone, say. Looks at its beginning; what is broken there is one. */
export async function hasRecord<Schema>(
  format: Format<Schema>,
  source: ByteSource,
  schema: Schema,
): Promise<boolean> {
  if (source.bytes === 0) return false;
  try {
    // Records that are put together of what lies all over a file: that takes longer than counting them.
    if (format.hasOffsets === false && format.index !== undefined)
      return (await format.index(source, schema)).records > 0;
    for await (const { starts } of format.read(source, schema))
      if (starts.length > 0) return true;
    return false;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return true;
  }
}

/** The same of a file by itself. @throws {DataError} it cannot be opened, or has not what should be at its beginning */
export async function isEmptyFile(
  path: string,
  { format: name, ...options }: CatalogueOptions = {},
): Promise<boolean> {
  const source = await openSource(path);
  if (source.bytes === 0) return true;
  const format = formatOf(path, name);
  const schema = await format.schema(source, options);
  return !(await hasRecord(format, source, schema));
}
