import { createHash } from "node:crypto";

/** Element types that tensors of TensorFlow.js have, by the format's names. */
export const DTYPES = {
  float32: { name: "F32", array: Float32Array },
  int32: { name: "I32", array: Int32Array },
  bool: { name: "BOOL", array: Uint8Array },
} as const;

export type SavedDtype = keyof typeof DTYPES;

export interface SavedTensor {
  readonly name: string;
  readonly dtype: SavedDtype;
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array | Uint8Array;
}

/** A safetensors file's content. */
export interface Saved {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: readonly SavedTensor[];
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [start: number, end: number];
}
type Header = Record<string, Entry | Record<string, string>>;

const METADATA = "__metadata__";
/** What a length needs, and what the data is aligned to. */
const WORD_BYTES = 8;

/**
 * Tensors as a file that other programs read, too: 8 bytes of header length, the header as JSON, the raw values. The metadata
 * gains the sha256 of the values. Source: https://github.com/huggingface/safetensors
 */
export function encodeSafetensors({ metadata, tensors }: Saved): Uint8Array[] {
  const hash = createHash("sha256");
  const header: Header = {};
  let start = 0;
  const data = tensors.map(({ name, dtype, shape, values }) => {
    const end = start + values.byteLength;
    header[name] = {
      dtype: DTYPES[dtype].name,
      shape,
      data_offsets: [start, end],
    };
    start = end;
    const bytes = bytesOf(values);
    hash.update(bytes);
    return bytes;
  });
  header[METADATA] = { ...metadata, sha256: hash.digest("hex") };
  const text = Buffer.from(JSON.stringify(header));
  const padding = (WORD_BYTES - (text.length % WORD_BYTES)) % WORD_BYTES;
  const length = Buffer.alloc(WORD_BYTES);
  length.writeBigUInt64LE(BigInt(text.length + padding));
  return [length, text, Buffer.alloc(padding, " "), ...data];
}

/**
 * @returns tensors that own their memory
 * @throws {Error} whose message says what is wrong with the file, to go behind its name
 */
export function decodeSafetensors(file: Uint8Array): Saved {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const cutShort = (expected: number | bigint) =>
    new Error(`is cut short: it has ${bytes.length} bytes of ${expected}`);
  if (bytes.length < WORD_BYTES) throw cutShort(WORD_BYTES);
  const headerEnd = bytes.readBigUInt64LE() + BigInt(WORD_BYTES);
  if (headerEnd > BigInt(Number.MAX_SAFE_INTEGER))
    throw new Error("is no safetensors file");
  if (headerEnd > bytes.length) {
    // Whatever begins like a header may be one that was cut.
    if (bytes.length > WORD_BYTES && bytes[WORD_BYTES] !== "{".charCodeAt(0))
      throw new Error("is no safetensors file");
    throw cutShort(headerEnd);
  }
  const header = parse(bytes.subarray(WORD_BYTES, Number(headerEnd)));
  const { [METADATA]: metadata = {}, ...entries } = header;
  const data = bytes.subarray(Number(headerEnd));
  const named = Object.entries(entries) as [string, Entry][];
  const end = Math.max(0, ...named.map(([, entry]) => entry.data_offsets[1]));
  if (data.length < end) throw cutShort(Number(headerEnd) + end);
  const { sha256, ...rest } = metadata as Record<string, string>;
  if (sha256 !== createHash("sha256").update(data).digest("hex"))
    throw new Error("is damaged: its checksum is wrong");
  return {
    metadata: rest,
    tensors: named.map(([name, entry]) => tensorOf(name, entry, data)),
  };
}

function parse(text: Uint8Array): Header {
  try {
    return JSON.parse(Buffer.from(text).toString()) as Header;
  } catch (cause) {
    throw new Error("is no safetensors file", { cause });
  }
}

function tensorOf(
  name: string,
  { dtype, shape, data_offsets: [start, end] }: Entry,
  data: Uint8Array,
): SavedTensor {
  const found = Object.entries(DTYPES).find(([, { name }]) => name === dtype);
  if (found === undefined)
    throw new Error(`holds "${name}" of type ${dtype}, which no tensor has`);
  const [key, { array }] = found;
  const values = new array(Uint8Array.from(data.subarray(start, end)).buffer);
  return { name, dtype: key as SavedDtype, shape, values };
}

const bytesOf = (values: SavedTensor["values"]): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
