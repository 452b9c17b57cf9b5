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

/** What the header says of a tensor. */
export interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** In bytes, from the end of the header. */
  readonly data_offsets: readonly [start: number, end: number];
}
export type Header = Record<string, Entry | Record<string, string>>;

export const METADATA = "__metadata__";
/** What a length needs, and what the data is aligned to. */
export const WORD_BYTES = 8;

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

/** The raw memory of `values`, not a copy. */
export const bytesOf = (values: SavedTensor["values"]): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
