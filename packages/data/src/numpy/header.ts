import { DataError } from "@tsmpi/protocol";
import { descrOf, elementOf, type Rowed, rowBytesOf } from "./element";
import type { Rows } from "../framers/rows";

const MAGIC = Buffer.from("\x93NUMPY", "latin1");
/** Magic and version; then the length of what follows, in 2 bytes (version 1) or 4. */
const VERSION_AT = 6;
const LENGTH_AT = 8;
/** What comes first is enough for the header of any array of numbers. */
export const HEAD_BYTES = 8192;
/** NumPy aligns what follows the header. */
const ALIGNMENT = 64;

/** An array in a file: where its rows lie, and what they are. */
export interface ArrayHeader {
  readonly rowed: Rowed;
  readonly layout: Rows;
}

/**
 * @param head the first bytes of a file, up to `HEAD_BYTES`
 * @throws {DataError} no .npy file, or an array that has no rows of numbers
 */
export function parseHeader(head: Uint8Array): ArrayHeader {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  if (!bytes.subarray(0, VERSION_AT).equals(MAGIC) || bytes.length < 12)
    throw new DataError("it does not begin as a .npy file");
  const version = bytes[VERSION_AT]!;
  if (version < 1 || version > 3)
    throw new DataError(`version ${version} of .npy files is not known`);
  const [length, begin] =
    version === 1
      ? [bytes.readUInt16LE(LENGTH_AT), LENGTH_AT + 2]
      : [bytes.readUInt32LE(LENGTH_AT), LENGTH_AT + 4];
  const headerBytes = begin + length;
  if (headerBytes > bytes.length)
    throw new DataError(
      headerBytes > HEAD_BYTES
        ? `its header has ${length} bytes, more than an array of numbers needs`
        : "the file ends within its header; it was cut off",
    );
  const text = bytes.toString(
    version < 3 ? "latin1" : "utf8",
    begin,
    headerBytes,
  );
  const { rowed, rows } = parseText(text);
  return { rowed, layout: { headerBytes, rowBytes: rowBytesOf(rowed), rows } };
}

/** @param text a Python dict: `{'descr': '<f4', 'fortran_order': False, 'shape': (60000, 28, 28), }` */
function parseText(text: string): { rowed: Rowed; rows: number } {
  const of = (key: string, value: string): string | undefined =>
    new RegExp(`['"]${key}['"]:\\s*${value}`).exec(text)?.[1];
  const descr = of("descr", `['"]([^'"]*)['"]`);
  const order = of("fortran_order", "(True|False)");
  const axes = of("shape", "\\(([\\d, L]*)\\)");
  if (descr === undefined && /['"]descr['"]:\s*\[/.test(text))
    throw new DataError(
      "its elements are structures; save each field as an array, with numpy.savez say",
    );
  if (descr === undefined || order === undefined || axes === undefined)
    throw new DataError(`its header is damaged: ${text.trim().slice(0, 200)}`);
  const shape = axes
    .split(",")
    .map((length) => length.trim().replace("L", ""))
    .filter((length) => length !== "")
    .map(Number);
  const [rows, ...row] = shape;
  if (rows === undefined)
    throw new DataError("it holds a single number, and has no rows");
  const isLine = shape.filter((length) => length > 1).length < 2;
  if (order === "True" && !isLine && !shape.includes(0))
    throw new DataError(
      "its columns lie together, not its rows (Fortran's order); save numpy.ascontiguousarray(array)",
    );
  const rowed = { ...elementOf(descr), shape: row };
  const bytes = rows * rowBytesOf(rowed);
  if (!Number.isSafeInteger(bytes))
    throw new DataError(`no file holds an array of shape (${axes})`);
  return { rowed, rows };
}

/** As NumPy writes it, version 1. */
export function makeHeader(
  { element, shape }: Rowed,
  rows: number,
): Uint8Array {
  const axes = [rows, ...shape];
  const tuple = axes.length === 1 ? `${rows},` : axes.join(", ");
  const text = `{'descr': '${descrOf(element)}', 'fortran_order': False, 'shape': (${tuple}), }`;
  const begin = LENGTH_AT + 2;
  const bytes = Math.ceil((begin + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const header = Buffer.alloc(bytes, " ");
  MAGIC.copy(header);
  header.set([1, 0], VERSION_AT);
  header.writeUInt16LE(bytes - begin, LENGTH_AT);
  header.write(text, begin, "latin1");
  header[bytes - 1] = 0x0a;
  return header;
}
