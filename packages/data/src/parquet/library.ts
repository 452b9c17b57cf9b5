import * as zlib from "node:zlib";
import type { Compressors, ParquetParsers } from "hyparquet" with {
  "resolution-mode": "import",
};

/** hyparquet, and how it unpacks: gzip and, from 22.15 on, Zstandard by Node, which is faster at it. */
export async function loadLibrary() {
  const library = await import("hyparquet");
  const { compressors } = await (import("hyparquet-compressors") as Promise<{
    readonly compressors: Compressors;
  }>);
  const native = zlib as typeof zlib & {
    readonly zstdDecompressSync?: (bytes: Uint8Array) => Uint8Array;
  };
  const faster: Compressors = {
    GZIP: (bytes) => zlib.gunzipSync(bytes),
    ...(native.zstdDecompressSync && { ZSTD: native.zstdDecompressSync }),
  };
  return { ...library, compressors: { ...compressors, ...faster } };
}

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
