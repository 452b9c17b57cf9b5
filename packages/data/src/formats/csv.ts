import { separatedValues } from "../csv/format";

/** Comma-separated values, with names on the first line unless `header` is false. Options: `header`, `delimiter`, `columns`. Source: RFC 4180. */
export const csv = separatedValues(
  {
    name: "csv",
    extensions: [".csv"],
    summary: "comma-separated values: numbers, booleans and text",
  },
  ",",
);

export const tsv = separatedValues(
  {
    name: "tsv",
    extensions: [".tsv"],
    summary: "as csv, with tabs between fields",
  },
  "\t",
);
