import { DataError } from "@tsmpi/protocol";
import { headOf } from "../files/head-of";
import type { ByteSource } from "../files/byte-source";
import { Spill } from "../files/spill";
import type { Format } from "../format";
import { indexRows, readRows } from "../framers/rows";
import {
  assertFirst,
  type Rowed,
  rowedAs,
  rowReader,
  rowWriter,
} from "../numpy/element";
import {
  type ArrayHeader,
  HEAD_BYTES,
  makeHeader,
  parseHeader,
} from "../numpy/header";

/**
 * A NumPy array: a record `{ data }` is a row of its first axis, a typed array of all that is in the row (its shape is the schema's),
 * or a number, bigint or boolean where the array has one axis. Versions 1 to 3; integers, floats of 16 to 64 bits and booleans, in
 * either order of bytes; rows one behind the other (C order).
 *
 * Written are records of one field, of whatever name: typed arrays of one length, which keep their type, lists of numbers (float64),
 * numbers (float64), bigints (int64) or booleans. All rows wait beside the file until it is known how many there are.
 *
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export const npy: Format<NpySchema> = {
  name: "npy",
  extensions: [".npy"],
  summary: "a NumPy array: a row a record",
  schema: async (source) => ({
    ...(await headerOf(source)).rowed,
    field: "data",
  }),
  async *read(source, _schema, place) {
    const { layout } = await headerOf(source);
    yield* readRows(source, layout, place);
  },
  async index(source) {
    return indexRows(source, (await headerOf(source)).layout);
  },
  decoder(schema) {
    const read = rowReader(schema);
    return (bytes) => ({ data: read(bytes, 0) });
  },
  writing: {
    schemaOf([first]) {
      assertFirst(first);
      const [field, ...others] = Object.keys(first);
      const rowed = field === undefined ? null : rowedAs(first[field]);
      if (rowed === null || others.length > 0)
        throw new DataError(
          `an array is written of records with one field of numbers, and the first has ${Object.keys(first).join(", ") || "none"}; let them have that alone, or write another format, npz say`,
        );
      return { ...rowed, field: field! };
    },
    encoder({ field, ...rowed }) {
      const write = rowWriter(field, rowed);
      return (record) => write(record[field]);
    },
    writer(sink, schema) {
      const spill = new Spill(sink.path);
      let rows = 0;
      return {
        async write(bytes) {
          rows++;
          await spill.write(bytes);
        },
        async end() {
          await sink.write(makeHeader(schema, rows));
          for await (const piece of spill.read()) await sink.write(piece);
          await spill.close();
        },
        discard: () => spill.close(),
      };
    },
  },
};

/** `field`: of records that are written. */
type NpySchema = Rowed & { readonly field: string };

async function headerOf(source: ByteSource): Promise<ArrayHeader> {
  const head = await headOf(source, HEAD_BYTES);
  try {
    return parseHeader(head);
  } catch (cause) {
    throw new DataError(`${source.path}: ${(cause as Error).message}`, {
      cause,
    });
  }
}
