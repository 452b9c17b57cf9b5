import type { ColumnMemory } from "../records/column-memory";
import type { ColumnRows } from "../records/columns";
import type { FieldValue } from "../records/record";
import { missing } from "./example-decoder";
import { exampleReader } from "./example-reader";
import { type FeatureColumn, featureColumn } from "./feature-column";
import { FeatureNames } from "./feature-names";
import type { ExampleSchema } from "./schema";

interface Wanted {
  readonly name: string;
  readonly column: FeatureColumn;
  /** The row that it was put into last. */
  row: number;
}

/** Batches of examples of which the user has said what is read. */
export function exampleColumns(
  { features }: ExampleSchema,
  mostRows: number,
  memory: ColumnMemory,
): ColumnRows | null {
  if (features === null) return null;
  const all = Object.entries(features).map(([name, spec]): Wanted => ({
    name,
    column: featureColumn(name, spec, { mostRows, memory }),
    row: -1,
  }));
  const byName = new Map(all.map((one) => [one.name, one]));
  const names = new FeatureNames((name) => byName.get(name) ?? null);
  let row = 0;
  const read = exampleReader(names, ({ about }, reader, kind, start, end) => {
    about!.column.put(row, reader, kind, start, end);
    about!.row = row;
  });
  return {
    put(bytes, start, end, to) {
      row = to;
      for (const wanted of all) wanted.row = -1;
      read(bytes, start, end);
      for (const wanted of all)
        if (wanted.row !== to)
          throw missing(wanted.name, bytes.subarray(start, end));
    },
    isFinite(of) {
      for (const { column } of all) if (!column.isFinite(of)) return false;
      return true;
    },
    record(of) {
      const record: Record<string, FieldValue> = {};
      for (const { name, column } of all) record[name] = column.value(of);
      return record;
    },
    columns: (rows, placeOf) =>
      Object.fromEntries(
        all.map(({ name, column }) => [name, column.take(rows, placeOf)]),
      ),
  };
}
