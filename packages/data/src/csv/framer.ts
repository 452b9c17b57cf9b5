import { DataError } from "@tsmpi/protocol";
import { byteOrderMark, NEWLINE } from "../framers/lines";
import type { Framer } from "../framing";

const [CARRIAGE_RETURN, QUOTE] = [13, 34];

/**
 * Records of separated values: lines, but a field that begins with a quote goes on to its closing quote, over ends of lines too.
 * Source: RFC 4180.
 */
export function csvFramer({
  delimiter,
  isBeginning,
  skipsHeader,
  skipsEmpty,
}: {
  readonly delimiter: string;
  /** Of the file: there may be a byte order mark. */
  readonly isBeginning: boolean;
  readonly skipsHeader: boolean;
  /** Empty lines are no records. */
  readonly skipsEmpty: boolean;
}): Framer {
  const separator = delimiter.charCodeAt(0);
  let isFirst = isBeginning;
  // Of the bytes that were last looked at: most lines have no quotes, and need not be searched for them.
  let [searched, nextQuote]: [Uint8Array | null, number] = [null, 0];

  const hasQuote = (bytes: Uint8Array, from: number, to: number): boolean => {
    if (bytes !== searched || nextQuote < from) {
      const found = bytes.indexOf(QUOTE, from);
      [searched, nextQuote] = [bytes, found < 0 ? Infinity : found];
    }
    return nextQuote < to;
  };

  /** Where the record that begins at `start` ends; −1: not here. */
  const endOf = (bytes: Uint8Array, start: number, isLast: boolean): number => {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    if (!hasQuote(bytes, start, end)) return newline < 0 && !isLast ? -1 : end;
    return endOfQuoted(bytes, start, separator, isLast);
  };

  return {
    ...{ start: 0, end: 0, skipped: 0 },
    next(bytes, at, isLast) {
      let start = at;
      if (isFirst) {
        const mark = byteOrderMark(bytes, isLast);
        if (mark === null) return -1;
        start += mark;
      }
      let isHeader = isFirst && skipsHeader;
      while (start < bytes.length) {
        this.skipped = start - at;
        const newline = endOf(bytes, start, isLast);
        if (newline < 0) return -1;
        const next = Math.min(newline + 1, bytes.length);
        const end =
          newline > start && bytes[newline - 1] === CARRIAGE_RETURN
            ? newline - 1
            : newline;
        if (end > start || !skipsEmpty) {
          if (!isHeader) {
            isFirst = false;
            [this.start, this.end] = [start, end];
            return next;
          }
          isHeader = false;
        }
        start = next;
      }
      return -1;
    },
  };
}

function endOfQuoted(
  bytes: Uint8Array,
  start: number,
  separator: number,
  isLast: boolean,
): number {
  let at = start;
  for (;;) {
    // At the beginning of a field.
    if (bytes[at] === QUOTE) {
      at = closingQuote(bytes, at + 1, isLast);
      if (at < 0) return -1;
    }
    while (
      at < bytes.length &&
      bytes[at] !== separator &&
      bytes[at] !== NEWLINE
    )
      at++;
    if (at === bytes.length) return isLast ? at : -1;
    if (bytes[at] === NEWLINE) return at;
    at++;
  }
}

/** Behind the quote that closes the field; −1: it is not here. */
function closingQuote(
  bytes: Uint8Array,
  from: number,
  isLast: boolean,
): number {
  let at = from;
  for (;;) {
    const quote = bytes.indexOf(QUOTE, at);
    if (quote < 0 && isLast)
      throw new DataError(
        "the file ends within a field in quotes; it is cut short, or the closing quote is missing",
      );
    // A quote at the end of what is here may be the first of two, which stand for one.
    if (quote < 0 || (quote + 1 === bytes.length && !isLast)) return -1;
    if (bytes[quote + 1] !== QUOTE) return quote + 1;
    at = quote + 2;
  }
}
