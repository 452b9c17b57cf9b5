import { ArgumentError, DataError } from "@tsmpi/protocol";
import type { ByteSource } from "../files/byte-source";
import type { ColumnType, Format, FormatOptions } from "../format";
import { frames } from "../framing";
import { lineWriter } from "../line-writer";
import { BEGINNING } from "../records/raw-records";
import type { DataRecord, FieldValue } from "../records/record";
import { textOf, utf8Of } from "../utf8";
import {
  fieldOf,
  type Fields,
  fieldsOf,
  nameField,
  needsQuotes,
} from "./fields";
import { csvFramer } from "./framer";
import { type Column, type CsvSchema, listed } from "./schema";
import { converter, numeral, typeOfColumn } from "./types";
import { optionInWords } from "../option-words";

/** Of which types are found out. */
const SAMPLED_RECORDS = 1000;

/**
 * Records of numbers, booleans and text, one a line, of which each has the same fields. Nothing between two delimiters is null; text
 * of no characters is `""`.
 *
 * @param separator between fields, unless the user says another
 */
export const separatedValues = (
  {
    name,
    extensions,
    summary,
  }: Pick<Format, "name" | "extensions" | "summary">,
  separator: string,
): Format<CsvSchema> => ({
  ...{ name, extensions, summary },
  schema: (source, options) => schemaOfFile(source, options, separator),
  read: (source, { columns, delimiter, header }, place = BEGINNING) => {
    const isBeginning = place.offset === 0;
    const skipsHeader = header && isBeginning;
    // In a file of one column nothing on a line is a null.
    const skipsEmpty = columns.length !== 1;
    const framer = { delimiter, isBeginning, skipsHeader, skipsEmpty };
    return frames(source, csvFramer(framer), place);
  },
  decoder({ columns, delimiter }) {
    const names = columns.map(({ name }) => name);
    const converters = columns.map(converter);
    return (bytes) => {
      const { values } = fieldsOf(textOf(bytes), delimiter);
      if (values.length !== names.length)
        throw new DataError(
          `it has ${values.length} fields, and the file ${names.length} columns (${listed(names)})`,
        );
      const record: Record<string, FieldValue> = {};
      for (let i = 0; i < names.length; i++)
        record[names[i]!] = converters[i]!(values[i]!);
      return record;
    };
  },
  writing: {
    isPlain: true,
    schemaOf: (records, options) =>
      schemaOfRecords(records, options, separator),
    encoder,
    writer(sink, { columns, delimiter, header }) {
      const lines = lineWriter(sink);
      const names = columns.map(({ name }) => nameField(name, delimiter));
      let isHeaderDue = header;
      const begin = async (): Promise<void> => {
        if (!isHeaderDue) return;
        isHeaderDue = false;
        await lines.write(utf8Of(names.join(delimiter)));
      };
      return {
        async write(bytes) {
          if (isHeaderDue) await begin();
          await lines.write(bytes);
        },
        async end() {
          await begin();
          await lines.end();
        },
      };
    },
  },
});

async function schemaOfFile(
  source: ByteSource,
  options: FormatOptions,
  separator: string,
): Promise<CsvSchema> {
  const { delimiter, header } = checked(options, separator);
  const rows = await firstRows(source, { delimiter, header });
  if (header && rows.length === 0)
    throw new DataError(
      `${source.path} is empty; its first line should have the names of its columns (${optionInWords("header", false)} if there are none)`,
    );
  const names = (rows[0]?.values ?? []).map(
    (name, i) => (header ? name : null) ?? `column${i + 1}`,
  );
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw new DataError(`${source.path} has two columns named ${twice}`);
  // Some programs put everything in quotes, and mean nothing by it.
  const quotesAll =
    header &&
    rows[0]!.isQuoted.size === names.length &&
    names.some((name) => !needsQuotes(name, delimiter));
  const samples = header ? rows.slice(1) : rows;
  const columns = names.map((name, i) => ({
    name,
    type: typeOfColumn(
      samples.map(({ values, isQuoted }) => ({
        value: values[i] ?? null,
        isQuoted: !quotesAll && isQuoted.has(i),
      })),
    ),
  }));
  return { columns: typed(columns, options), delimiter, header };
}

/** As far as they are sound: of those that are not, whoever reads them says so, and may go on. */
async function firstRows(
  source: ByteSource,
  { delimiter, header }: Pick<CsvSchema, "delimiter" | "header">,
): Promise<Fields[]> {
  const rows: Fields[] = [];
  const framer = { delimiter, isBeginning: true, skipsHeader: false };
  const lines = frames(source, csvFramer({ ...framer, skipsEmpty: true }));
  try {
    for await (const { bytes, starts, ends } of lines)
      for (let i = 0; i < starts.length; i++) {
        const line = bytes.subarray(starts[i], ends[i]);
        try {
          rows.push(fieldsOf(textOf(line), delimiter));
        } catch (cause) {
          if (header && rows.length === 0)
            throw new DataError(
              `${source.path}, in the names of its columns: ${(cause as Error).message}`,
              { cause },
            );
        }
        if (rows.length > SAMPLED_RECORDS) return rows;
      }
  } catch (error) {
    if (rows.length === 0) throw error;
  }
  return rows;
}

function checked(
  options: FormatOptions,
  separator: string,
): { readonly delimiter: string; readonly header: boolean } {
  const { delimiter = separator, header = true } = options;
  if (!/^[^"\r\n\u0080-\uffff]$/.test(delimiter))
    throw new ArgumentError(
      `delimiter ${JSON.stringify(delimiter)} must be one character of ASCII, and no quote or end of line`,
    );
  return { delimiter, header };
}

const TYPES: readonly ColumnType[] = ["number", "boolean", "text"];

/** With the types that the user gives. */
function typed(columns: readonly Column[], options: FormatOptions): Column[] {
  const given = options.columns ?? {};
  for (const [name, type] of Object.entries(given)) {
    if (!columns.some((column) => column.name === name))
      throw new ArgumentError(
        `there is no column ${name} to be of type ${type}; the columns are ${listed(columns.map((column) => column.name))}`,
      );
    if (!TYPES.includes(type))
      throw new ArgumentError(
        `column ${name} cannot be of type ${String(type)}; the types are ${listed(TYPES)}`,
      );
  }
  return columns.map(({ name, type }) => ({ name, type: given[name] ?? type }));
}

function schemaOfRecords(
  records: readonly DataRecord[],
  options: FormatOptions,
  separator: string,
): CsvSchema {
  const columns = Object.keys(records[0] ?? {}).map((name): Column => {
    const types = new Set(
      records.map((record, i) => typeIn(record, name, i)).filter(isPresent),
    );
    if (types.size > 1)
      throw new DataError(
        `field ${name} is of types ${listed([...types])}; a column has one`,
      );
    return { name, type: [...types][0] ?? "text" };
  });
  return { columns: typed(columns, options), ...checked(options, separator) };
}

const isPresent = <T>(value: T | null): value is T => value !== null;

function typeIn(
  record: DataRecord,
  name: string,
  i: number,
): ColumnType | null {
  try {
    return typeOf(name, record[name]);
  } catch (cause) {
    throw new DataError(
      `of the records that are to be written, number ${i}: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/** The type of column that holds this value; null: any. */
function typeOf(
  name: string,
  value: FieldValue | undefined,
): ColumnType | null {
  if (value === null) return null;
  if (typeof value === "string") return "text";
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  throw new DataError(
    `field ${name} is ${kindOf(value)}; separated values are numbers, booleans and text: make several fields of it, or write another format, jsonl say`,
  );
}

const kindOf = (value: unknown): string =>
  typeof value !== "object"
    ? typeof value === "undefined"
      ? "missing"
      : `a ${typeof value}`
    : Array.isArray(value)
      ? "an array"
      : `of type ${value?.constructor.name ?? "object"}`;

function encoder({
  columns,
  delimiter,
}: CsvSchema): (record: DataRecord) => Uint8Array {
  const names = columns.map(({ name }) => name);
  return (record) => {
    let fields = 0;
    for (const name in record) if (Object.hasOwn(record, name)) fields++;
    if (fields !== names.length || !names.every((name) => name in record))
      throw new DataError(
        `it has the fields ${listed(Object.keys(record)) || "(none)"}, and the first record had ${listed(names)}`,
      );
    let line = "";
    for (let i = 0; i < columns.length; i++) {
      const { name, type } = columns[i]!;
      const value = record[name]!;
      if (i > 0) line += delimiter;
      if (value === null) continue;
      const own = typeOf(name, value);
      if (own !== type)
        throw new DataError(
          `field ${name} is of type ${own} here, and its column of type ${type}, by the first records; if they lack it, say ${optionInWords("columns", { [name]: String(own) })}`,
        );
      line +=
        typeof value === "string"
          ? fieldOf(value, delimiter)
          : typeof value === "number"
            ? numeral(value)
            : `${value as boolean}`;
    }
    return utf8Of(line);
  };
}
