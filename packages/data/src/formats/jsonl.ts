import { DataError } from "@tsmpi/protocol";
import type { Format } from "../format";
import { type Framer, frames } from "../framing";
import type { DataRecord } from "../records/record";

const NEWLINE = 10;
const END_OF_LINE = Buffer.from([NEWLINE]);

/** JSON Lines: one object a line, in UTF-8. Empty lines are no records. Source: https://jsonlines.org */
export const jsonl: Format<null> = {
  name: "jsonl",
  extensions: [".jsonl", ".ndjson"],
  summary: "JSON Lines: one object a line",
  schema: () => Promise.resolve(null),
  read: (source, _schema, start) => frames(source, lines(), start),
  decoder: () => (bytes) => {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString());
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new DataError("a line of JSON Lines is an object in braces");
    return value as DataRecord;
  },
  writing: {
    schemaOf: () => null,
    encoder: () => (record) => Buffer.from(JSON.stringify(record)),
    writer: (sink) => ({
      write: (bytes) => sink.write(Buffer.concat([bytes, END_OF_LINE])),
      end: () => Promise.resolve(),
    }),
  },
};

function lines(): Framer {
  return {
    start: 0,
    end: 0,
    next(bytes, at, isLast) {
      let start = at;
      for (;;) {
        const newline = bytes.indexOf(NEWLINE, start);
        if (newline < 0 && (!isLast || start === bytes.length)) return -1;
        this.start = start;
        this.end = newline < 0 ? bytes.length : newline;
        if (this.end > this.start) return Math.min(this.end + 1, bytes.length);
        start = newline + 1;
      }
    },
  };
}
