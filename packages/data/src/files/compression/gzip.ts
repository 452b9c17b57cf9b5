import { createGunzip, createGzip } from "node:zlib";
import { PIECE_BYTES } from "../piece-bytes";
import type { Compression } from "./compression";
import { through } from "./through";

const CHUNKS = { chunkSize: PIECE_BYTES };

export const gzip: Compression = {
  extension: ".gz",
  decompress: (compressed) => through(compressed, createGunzip(CHUNKS)),
  compressor: () => Promise.resolve(createGzip(CHUNKS)),
};
