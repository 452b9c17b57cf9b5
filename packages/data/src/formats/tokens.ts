import {
  ArgumentError,
  bytesOf,
  DataError,
  dtypeOf,
  type TypedArray,
} from "@tsmpi/protocol";
import type { Format, FormatOptions } from "../format";
import { type Framer, frames } from "../framing";
import { placesOf } from "../framers/rows";
import type { DataRecord, FieldValue } from "../records/record";
import { optionInWords } from "../option-words";

const ARRAYS = {
  uint16: Uint16Array,
  uint32: Uint32Array,
  int32: Int32Array,
} as const;
type TokenDtype = keyof typeof ARRAYS;

interface TokensSchema {
  readonly dtype: TokenDtype;
  /** Tokens of a record. */
  readonly window: number;
}

const DEFAULT_WINDOW = 1024;

/**
 * Numbers of tokens one behind the other, little-endian, as nanoGPT's `train.bin`: a record `{ tokens }` is a window of so many of
 * them, one window behind the other. Tokens behind the last whole window are left out. Options: `dtype`, `window`.
 */
export const tokens: Format<TokensSchema> = {
  name: "tokens",
  extensions: [".tokens", ".bin"],
  summary: "numbers of tokens: windows of them are records { tokens }",
  schema: async (_source, options) => schemaOf(options),
  read: (source, schema, place) =>
    frames(source, windows(rowBytesOf(schema), elementBytesOf(schema)), place),
  async index(source, schema) {
    const rowBytes = rowBytesOf(schema);
    const rows = Math.floor(source.bytes / rowBytes);
    const places = placesOf({ headerBytes: 0, rowBytes, rows });
    return { records: rows, places };
  },
  decoder: ({ dtype }) => {
    const array = ARRAYS[dtype];
    // A copy begins where its memory begins, and so where any element may lie.
    return (bytes) => ({ tokens: new array(Uint8Array.from(bytes).buffer) });
  },
  writing: {
    schemaOf: ([first], options) => schemaOfRecord(first, options),
    encoder: (schema) => (record) => bytesOf(tokensOf(record, schema)),
    writer: (sink) => ({
      write: (bytes) => sink.write(bytes),
      end: () => Promise.resolve(),
    }),
  },
};

const elementBytesOf = ({ dtype }: TokensSchema): number =>
  ARRAYS[dtype].BYTES_PER_ELEMENT;
const rowBytesOf = (schema: TokensSchema): number =>
  schema.window * elementBytesOf(schema);

function schemaOf({
  dtype = "uint16",
  window = DEFAULT_WINDOW,
}: FormatOptions): TokensSchema {
  if (!isTokenDtype(dtype))
    throw new ArgumentError(
      `dtype is ${dtype}; tokens are of ${Object.keys(ARRAYS).join(", ")}`,
    );
  if (!Number.isSafeInteger(window) || window < 1)
    throw new ArgumentError(
      `window is ${window}; it is how many tokens a record has, 1 or more`,
    );
  return { dtype, window };
}

const isTokenDtype = (dtype: string): dtype is TokenDtype =>
  Object.hasOwn(ARRAYS, dtype);

function windows(rowBytes: number, elementBytes: number): Framer {
  return {
    ...{ start: 0, end: 0 },
    next(bytes, at, isLast) {
      const left = bytes.length - at;
      if (left >= rowBytes) {
        this.start = at;
        return (this.end = at + rowBytes);
      }
      if (isLast && left % elementBytes !== 0)
        throw new DataError(
          `the file ends within a token of ${elementBytes} bytes; it is cut short, or of another dtype`,
        );
      return -1;
    },
  };
}

/** What is written is like the first record, unless options say so. */
function schemaOfRecord(
  first: DataRecord | undefined,
  options: FormatOptions,
): TokensSchema {
  const found = first?.tokens;
  const own = dtypeOf(found);
  return schemaOf({
    ...(own !== null && isTokenDtype(own) && { dtype: own }),
    ...(isList(found) && { window: found.length }),
    ...options,
  });
}

function tokensOf(
  record: DataRecord,
  { dtype, window }: TokensSchema,
): TypedArray {
  const { tokens } = record;
  const own = dtypeOf(tokens);
  const isLong = isList(tokens) && tokens.length === window;
  if (isLong && own === dtype) return tokens;
  if (isLong) return converted(tokens, dtype);
  const is = isList(tokens)
    ? `${tokens.length} tokens${own === null ? "" : ` of ${own}`}`
    : `the fields ${Object.keys(record).join(", ") || "(none)"}`;
  throw new DataError(
    `a record of this file is { tokens }, ${window} of ${dtype}, and this one has ${is}`,
  );
}

const isList = (value: FieldValue | undefined): value is TypedArray =>
  Array.isArray(value) || dtypeOf(value) !== null;

/** Lists, and whole numbers of other types. */
function converted(tokens: TypedArray, dtype: TokenDtype): TypedArray {
  const made = new ARRAYS[dtype](tokens.length);
  for (let i = 0; i < made.length; i++) {
    const token: unknown = tokens[i];
    made[i] = Number(token);
    const isNumber = typeof token === "number" || typeof token === "bigint";
    if (!isNumber || String(made[i]) !== String(token))
      throw new DataError(
        `token ${i} is ${String(tokens[i])}, which ${dtype} cannot hold; tokens are whole numbers of ${Object.keys(ARRAYS).join(", ")}: say which with ${optionInWords("dtype")}`,
      );
  }
  return made;
}
