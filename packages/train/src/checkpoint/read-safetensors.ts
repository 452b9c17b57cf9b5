import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import {
  bytesOf,
  DTYPES,
  type Entry,
  type Header,
  METADATA,
  type Saved,
  type SavedDtype,
  type SavedTensor,
  WORD_BYTES,
} from "./safetensors";

/**
 * Reads what `encodeSafetensors` has made, one tensor after the other: a file may be larger than what Node reads at once.
 *
 * @returns tensors that own their memory; metadata without the checksum
 * @throws {Error} whose message says what is wrong with the file, to go behind its name
 */
export async function readSafetensors(path: string): Promise<Saved> {
  const file = await open(path, "r");
  try {
    return await readFrom(file);
  } finally {
    await file.close();
  }
}

async function readFrom(file: FileHandle): Promise<Saved> {
  const { size } = await file.stat();
  const { header, start } = await readHeader(file, size);
  const { [METADATA]: metadata = {}, ...entries } = header;
  const { sha256, ...rest } = metadata as Record<string, string>;
  if (sha256 === undefined)
    throw new Error("is no checkpoint of tsmpi: it has no checksum");
  const found = Object.entries(entries).map(([name, entry]) =>
    emptyTensor(name, entry as Entry),
  );
  const end = found.reduce(
    (sum, { values }) => sum + values.byteLength,
    start,
  );
  if (size < end) throw cutShort(size, end);
  if (size > end)
    throw new Error(`is damaged: it has ${size} bytes instead of ${end}`);
  const hash = createHash("sha256");
  let position = start;
  for (const { values } of found) {
    const bytes = bytesOf(values);
    await fill(file, bytes, position);
    position += bytes.length;
    hash.update(bytes);
  }
  if (sha256 !== hash.digest("hex"))
    throw new Error("is damaged: its checksum is wrong");
  return { metadata: rest, tensors: found };
}

/** @returns the header, and where the values start */
async function readHeader(
  file: FileHandle,
  size: number,
): Promise<{ header: Header; start: number }> {
  if (size < WORD_BYTES) throw cutShort(size, WORD_BYTES);
  const length = Buffer.alloc(WORD_BYTES);
  await fill(file, length, 0);
  const start = Number(length.readBigUInt64LE()) + WORD_BYTES;
  const notOne = "is no safetensors file";
  if (!Number.isSafeInteger(start)) throw new Error(notOne);
  const text = Buffer.alloc(Math.min(start, size) - WORD_BYTES);
  await fill(file, text, WORD_BYTES);
  // What begins like a header may be one that was cut.
  if (text.length > 0 && text[0] !== "{".charCodeAt(0)) throw new Error(notOne);
  if (start > size) throw cutShort(size, start);
  try {
    return { header: JSON.parse(text.toString()) as Header, start };
  } catch (cause) {
    throw new Error(notOne, { cause });
  }
}

/** Of the entry's type and shape. */
function emptyTensor(name: string, { dtype, shape }: Entry): SavedTensor {
  const found = Object.entries(DTYPES).find(([, { name }]) => name === dtype);
  if (found === undefined)
    throw new Error(`holds "${name}" of type ${dtype}, which no tensor has`);
  const [key, { array }] = found;
  const elements = shape.reduce((product, extent) => product * extent, 1);
  return {
    name,
    dtype: key as SavedDtype,
    shape,
    values: new array(elements),
  };
}

async function fill(
  file: FileHandle,
  target: Uint8Array,
  position: number,
): Promise<void> {
  for (let done = 0; done < target.length;) {
    const { bytesRead } = await file.read(target, {
      offset: done,
      length: Math.min(target.length - done, MOST_BYTES_AT_ONCE),
      position: position + done,
    });
    if (bytesRead === 0)
      throw cutShort(position + done, position + target.length);
    done += bytesRead;
  }
}

/** Node refuses reads of 2 GiB. */
const MOST_BYTES_AT_ONCE = 2 ** 30;

const cutShort = (size: number, expected: number): Error =>
  new Error(`is cut short: it has ${size} bytes of ${expected}`);
