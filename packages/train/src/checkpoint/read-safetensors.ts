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
  const named = Object.entries(entries) as [string, Entry][];
  const end = start + assertSound(named);
  if (size < end) throw cutShort(size, end);
  if (size > end)
    throw new Error(`is damaged: it has ${size} bytes instead of ${end}`);
  const hash = createHash("sha256");
  const tensors: SavedTensor[] = [];
  for (const [name, { dtype, shape, data_offsets }] of named) {
    const type = typeOf(dtype)!;
    const values = new DTYPES[type].array(elementsOf(shape));
    const bytes = bytesOf(values);
    await fill(file, bytes, start + data_offsets[0]);
    hash.update(bytes);
    tensors.push({ name, dtype: type, shape, values });
  }
  if (sha256 !== hash.digest("hex"))
    throw new Error("is damaged: its checksum is wrong");
  return { metadata: rest, tensors };
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

/**
 * Values follow each other without a gap, as many as their shape says.
 *
 * @returns bytes of all values
 */
function assertSound(entries: readonly [string, Entry][]): number {
  let end = 0;
  for (const [name, { dtype, shape, data_offsets }] of entries) {
    const type = typeOf(dtype);
    if (
      type === null ||
      !Array.isArray(shape) ||
      !Array.isArray(data_offsets) ||
      data_offsets[0] !== end ||
      data_offsets[1] !==
        end + elementsOf(shape) * DTYPES[type].array.BYTES_PER_ELEMENT
    )
      throw new Error(`is damaged: its header is wrong about "${name}"`);
    end = data_offsets[1];
  }
  return end;
}

const typeOf = (dtype: string): SavedDtype | null =>
  (Object.keys(DTYPES) as SavedDtype[]).find(
    (type) => DTYPES[type].name === dtype,
  ) ?? null;

const elementsOf = (shape: readonly number[]): number =>
  shape.reduce((product, extent) => product * extent, 1);

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
