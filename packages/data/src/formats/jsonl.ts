import { DataError } from "@tsmpi/protocol";
import type { Format } from "../format";
import { lines } from "../framers/lines";
import { frames } from "../framing";
import { jsonOf } from "../json";
import { lineWriter } from "../line-writer";
import type { DataRecord } from "../records/record";
import { textOf } from "../utf8";

/** JSON Lines: one object a line, in UTF-8. Empty lines are no records. Source: https://jsonlines.org */
export const jsonl: Format<null> = {
  name: "jsonl",
  extensions: [".jsonl", ".ndjson"],
  summary: "JSON Lines: one object a line",
  schema: () => Promise.resolve(null),
  read: (source, _schema, place) =>
    frames(source, lines({ place, skipsEmpty: true }), place),
  decoder: () => (bytes) => {
    const value: unknown = JSON.parse(textOf(bytes));
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new DataError(
        `a line of JSON Lines is an object, {"name": value, …}, and this is ${kindOf(value)}`,
      );
    return value as DataRecord;
  },
  writing: {
    isPlain: true,
    schemaOf: () => null,
    encoder: () => (record) => Buffer.from(jsonOf(record, "")),
    writer: lineWriter,
  },
};

const kindOf = (value: unknown): string =>
  value === null
    ? "null"
    : Array.isArray(value)
      ? "an array"
      : `a ${typeof value}`;
