import { DataError } from "@tsmpi/protocol";
import type { ByteSource } from "../files/byte-source";
import { headOf } from "../files/head-of";
import type { Rows } from "../framers/rows";
import { type Element, type Rowed, rowBytesOf } from "../numpy/element";

/** By the third byte of a file. */
const ELEMENTS: Readonly<Record<number, Element>> = {
  ...{ 0x08: "uint8", 0x09: "int8", 0x0b: "int16" },
  ...{ 0x0c: "int32", 0x0d: "float32", 0x0e: "float64" },
};

const MAGIC_BYTES = 4;
const MOST_AXES = 255;

/** Two bytes of zeros, the type, the number of axes; the length of each; then the elements. All big endian. @throws {DataError} */
export async function headerOf(
  source: ByteSource,
): Promise<{ readonly rows: Rowed; readonly layout: Rows }> {
  const head = await headOf(source, MAGIC_BYTES * (1 + MOST_AXES));
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  const [axes, headerBytes] = [
    bytes[3] ?? 0,
    MAGIC_BYTES * (1 + (bytes[3] ?? 0)),
  ];
  const element = ELEMENTS[bytes[2] ?? 0];
  if (bytes.length < MAGIC_BYTES || bytes.readUInt16BE() !== 0 || !element)
    throw new DataError(`${source.path} does not begin as an IDX file`);
  if (axes === 0)
    throw new DataError(
      `${source.path} holds a single number, and has no rows`,
    );
  if (bytes.length < headerBytes)
    throw new DataError(
      `${source.path} ends within its header of ${headerBytes} bytes; it was cut off`,
    );
  const [rows, ...shape] = Array.from({ length: axes }, (_, axis) =>
    bytes.readUInt32BE(MAGIC_BYTES * (1 + axis)),
  ) as [number, ...number[]];
  const rowed = { element, isBigEndian: true, shape };
  const rowBytes = rowBytesOf(rowed);
  if (!Number.isSafeInteger(rows * rowBytes))
    throw new DataError(
      `${source.path}: no file holds an array of shape [${[rows, ...shape].join(", ")}]; its header is damaged`,
    );
  return { rows: rowed, layout: { headerBytes, rowBytes, rows } };
}
