import { ArgumentError, DataError } from "@tsmpi/protocol";
import type { ByteSource } from "../files/byte-source";
import { headOf } from "../files/head-of";
import type { Format, FormatOptions } from "../format";
import { placesOf, readRows } from "../framers/rows";
import { sideBySide } from "../framers/side-by-side";
import { type Member, openArchive } from "../numpy/archive";
import { archiveWriter, type NamedRows } from "../numpy/archive-writer";
import {
  assertFirst,
  rowBytesOf,
  rowedAs,
  rowReader,
  rowWriter,
} from "../numpy/element";
import { type ArrayHeader, HEAD_BYTES, parseHeader } from "../numpy/header";
import { optionInWords } from "../option-words";

/**
 * NumPy's archive of arrays (`numpy.savez`, `savez_compressed`): a record has a row of each, by the array's name, and what `npy` makes
 * of a row. Arrays must have the same number of rows; the option `arrays` names those that are read. Arrays are read in passing,
 * packed or not; the checksum of each is checked at its end.
 *
 * Written are records whose fields are what `npy` writes; the arrays are stored, not packed.
 */
export const npz: Format<{ readonly arrays: readonly NamedRows[] }> = {
  name: "npz",
  extensions: [".npz"],
  summary: "NumPy arrays of one length, side by side",
  // By a checksum of each array.
  isCheckedAsWhole: true,
  // A record is rows of several members.
  hasOffsets: false,
  async schema(source, options) {
    const arrays = await openArrays(source, namesIn(options));
    return { arrays: arrays.map(({ name, rowed }) => ({ name, rows: rowed })) };
  },
  async *read(source, schema, place) {
    const names = schema.arrays.map(({ name }) => name);
    const arrays = await openArrays(source, names);
    yield* sideBySide(
      arrays.map(({ member, layout }) => ({
        rows: readRows(member, layout, place),
        rowBytes: layout.rowBytes,
      })),
    );
  },
  async index(source, schema) {
    const names = schema.arrays.map(({ name }) => name);
    const arrays = await openArrays(source, names);
    const { rows } = arrays[0].layout;
    const rowBytes = arrays.reduce(
      (sum, { rowed }) => sum + rowBytesOf(rowed),
      0,
    );
    const places = placesOf({ headerBytes: 0, rowBytes, rows });
    // What is packed is read from its beginning.
    const isStored = arrays.every(({ member }) => member.isStored);
    return { records: rows, places: isStored ? places : places.slice(0, 1) };
  },
  decoder({ arrays }) {
    let at = 0;
    const fields = arrays.map(({ name, rows }) => {
      const start = at;
      at += rowBytesOf(rows);
      return { name, start, read: rowReader(rows) };
    });
    return (bytes) =>
      Object.fromEntries(
        fields.map(({ name, start, read }) => [name, read(bytes, start)]),
      );
  },
  writing: {
    schemaOf([first]) {
      assertFirst(first);
      const arrays = Object.entries(first).map(([name, value]) => {
        const rows = rowedAs(value);
        if (rows === null)
          throw new DataError(
            `field ${name} is no number, and no array of numbers; leave it out, or write another format, tfrecord say`,
          );
        return { name, rows };
      });
      if (arrays.length === 0)
        throw new DataError("there is no field that an array could be made of");
      return { arrays };
    },
    encoder({ arrays }) {
      const writers = arrays.map(({ name, rows }) => ({
        name,
        write: rowWriter(name, rows),
      }));
      return (record) =>
        Buffer.concat(writers.map(({ name, write }) => write(record[name])));
    },
    writer: (sink, { arrays }) => archiveWriter(sink, arrays),
  },
};

interface OpenArray extends ArrayHeader {
  readonly name: string;
  readonly member: Member;
}

const namesIn = ({ arrays }: FormatOptions): readonly string[] | null => {
  if (arrays?.length === 0)
    throw new ArgumentError("arrays has no name of an array");
  return arrays ?? null;
};

/** @param names null: all. @throws {DataError} one is missing, is no array of rows, or they have different numbers of rows */
async function openArrays(
  source: ByteSource,
  names: readonly string[] | null,
): Promise<readonly [OpenArray, ...OpenArray[]]> {
  const members = new Map(
    (await openArchive(source)).map((member) => [
      member.name.replace(/\.npy$/, ""),
      member,
    ]),
  );
  const arrays: OpenArray[] = [];
  for (const name of names ?? members.keys()) {
    const member = members.get(name);
    if (member === undefined)
      throw new DataError(
        `${source.path} has no array ${name}; it has ${[...members.keys()].join(", ")}`,
      );
    try {
      const header = parseHeader(await headOf(member, HEAD_BYTES));
      arrays.push({ name, member, ...header });
    } catch (cause) {
      throw new DataError(`${member.path}: ${(cause as Error).message}`, {
        cause,
      });
    }
  }
  const [first, ...others] = arrays;
  if (first === undefined) throw new DataError(`${source.path} has no arrays`);
  const { rows } = first.layout;
  if (others.some(({ layout }) => layout.rows !== rows))
    throw new DataError(
      `${source.path} has arrays with different numbers of rows (${arrays.map(({ name, layout }) => `${name}: ${layout.rows}`).join(", ")}); name those that belong together with ${optionInWords("arrays")}`,
    );
  return [first, ...others];
}
