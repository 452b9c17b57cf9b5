import { DataError } from "@tsmpi/protocol";
import type { Format } from "../format";
import { lines } from "../framers/lines";
import { frames } from "../framing";
import { lineWriter } from "../line-writer";
import type { DataRecord } from "../records/record";
import { textOf, utf8Of } from "../utf8";

/** Plain text in UTF-8: each line is a record `{ text }`, empty ones, too. */
export const text: Format<null> = {
  name: "text",
  extensions: [".txt"],
  summary: "plain text: a line a record { text }",
  schema: () => Promise.resolve(null),
  read: (source, _schema, place) =>
    frames(source, lines({ place, skipsEmpty: false }), place),
  decoder: () => (bytes) => ({ text: textOf(bytes) }),
  writing: {
    isPlain: true,
    schemaOf: () => null,
    encoder: () => (record) => utf8Of(lineOf(record)),
    writer: lineWriter,
  },
};

function lineOf(record: DataRecord): string {
  const { text, ...others } = record;
  if (typeof text !== "string" || Object.keys(others).length > 0)
    throw new DataError(
      `a line of text is made of a record { text }, and this one has ${Object.keys(record).join(", ") || "no field"}`,
    );
  if (/\n|\r$|^\uFEFF/.test(text))
    throw new DataError(
      "the text has an end of line in it, or begins with a byte order mark, and would be read as something else; write another format, jsonl say",
    );
  return text;
}
