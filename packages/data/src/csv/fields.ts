import { DataError } from "@tsmpi/protocol";

/** Text of one field, in or without quotes; null: there is nothing between the delimiters. */
export type Field = string | null;

export interface Fields {
  readonly values: readonly Field[];
  /** Which of them stand in quotes. */
  readonly isQuoted: ReadonlySet<number>;
}

/** @throws {DataError} something stands behind a closing quote */
export function fieldsOf(line: string, delimiter: string): Fields {
  if (line.includes('"')) return withQuotes(line, delimiter);
  const values: Field[] = line.split(delimiter);
  for (let i = 0; i < values.length; i++)
    if (values[i] === "") values[i] = null;
  return { values, isQuoted: NONE };
}

const NONE: ReadonlySet<number> = new Set();

function withQuotes(line: string, delimiter: string): Fields {
  const values: Field[] = [];
  const inQuotes = new Set<number>();
  let at = 0;
  for (;;) {
    let end: number;
    if (line[at] === '"') {
      let text = "";
      let from = at + 1;
      for (;;) {
        end = line.indexOf('"', from);
        if (end < 0)
          throw new DataError(
            `field ${values.length + 1} has no closing quote`,
          );
        text += line.slice(from, end);
        if (line[end + 1] !== '"') break;
        text += '"';
        from = end + 2;
      }
      end++;
      if (end < line.length && line[end] !== delimiter)
        throw new DataError(
          `field ${values.length + 1} goes on behind its closing quote: ${JSON.stringify(line.slice(at, end + 10))}; a quote within a field is written twice`,
        );
      inQuotes.add(values.length);
      values.push(text);
    } else {
      const found = line.indexOf(delimiter, at);
      end = found < 0 ? line.length : found;
      values.push(end === at ? null : line.slice(at, end));
    }
    if (end === line.length) break;
    at = end + 1;
  }
  return { values, isQuoted: inQuotes };
}

/** Text as it is written: in quotes where it would be read as something else. */
export const fieldOf = (text: string, delimiter: string): string =>
  needsQuotes(text, delimiter) || looksTyped(text) ? quoted(text) : text;

/** A column's name, which is text whatever it looks like. */
export const nameField = (name: string, delimiter: string): string =>
  name === "" || needsQuotes(name, delimiter) ? quoted(name) : name;

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** Without them it would be more than a field. */
export const needsQuotes = (text: string, delimiter: string): boolean =>
  text.includes(delimiter) || SPECIAL.test(text);

const SPECIAL = /["\r\n]|^\uFEFF/;

/** Without quotes it could be read as nothing, a number or a boolean. */
const looksTyped = (text: string): boolean =>
  !Number.isNaN(Number(text)) ||
  /^\s*([-+]?(nan|inf(inity)?)|true|false)\s*$/i.test(text);
