import type { Compression } from "./compression";
import { gzip } from "./gzip";
import { zstd } from "./zstd";

export type { Compression };

export const COMPRESSIONS: readonly Compression[] = [gzip, zstd];

/** By the end of the file's name; null: its bytes are what they hold. */
export const compressionOf = (path: string): Compression | null =>
  COMPRESSIONS.find(({ extension }) => path.endsWith(extension)) ?? null;

/** Without what says how it is compressed. */
export function plainName(path: string): string {
  const extension = compressionOf(path)?.extension ?? "";
  return path.slice(0, path.length - extension.length);
}
