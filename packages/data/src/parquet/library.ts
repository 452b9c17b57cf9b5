import * as zlib from "node:zlib";
import type { Compressors, ParquetParsers } from "hyparquet" with {
  "resolution-mode": "import",
};

/** hyparquet, and how it unpacks: gzip and, from Node 22.15 on, Zstandard by Node, which is faster at it. */
export async function loadLibrary() {
  const library = await import("hyparquet");
  const { compressors } = await (import("hyparquet-compressors") as Promise<{
    readonly compressors: Compressors;
  }>);
  const native = zlib as typeof zlib & {
    readonly zstdDecompressSync?: (
      bytes: Uint8Array,
      options: { readonly maxOutputLength: number },
    ) => Uint8Array;
  };
  // Never more than the page has, whatever is packed in it.
  const upTo = (length: number) => ({ maxOutputLength: Math.max(length, 1) });
  const own: Compressors = {
    GZIP: (bytes, length) => zlib.gunzipSync(bytes, upTo(length)),
    ...(native.zstdDecompressSync && {
      ZSTD: (bytes, length) => native.zstdDecompressSync!(bytes, upTo(length)),
    }),
    LZ4: orNothing(compressors.LZ4!),
    LZ4_RAW: orNothing(compressors.LZ4_RAW!),
  };
  return { ...library, compressors: { ...compressors, ...own } };
}

type Decompress = NonNullable<Compressors["LZ4"]>;

/** A page of nulls is a block of nothing, behind whose first byte the library looks for more. */
const orNothing =
  (decompress: Decompress): Decompress =>
  (bytes, length) =>
    length === 0 ? new Uint8Array(0) : decompress(bytes, length);

const DAY_MS = 86_400_000;

/** Times as text in ISO 8601, with as many digits as the file has. */
export const PARSERS: Partial<ParquetParsers> = {
  dateFromDays: (days) => dayOf(days * DAY_MS),
  timestampFromMilliseconds: (millis) => timeOf(BigInt(millis), 3),
  timestampFromMicroseconds: (micros) => timeOf(BigInt(micros), 6),
  timestampFromNanoseconds: (nanos) => timeOf(BigInt(nanos), 9),
};

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

function timeOf(count: bigint, digits: number): string {
  const perSecond = 10n ** BigInt(digits);
  const fraction = ((count % perSecond) + perSecond) % perSecond;
  const seconds = Number((count - fraction) / perSecond);
  const text = new Date(seconds * 1000).toISOString();
  return `${text.slice(0, -5)}.${`${fraction}`.padStart(digits, "0")}Z`;
}
