import type { Duplex } from "node:stream";
import * as zlib from "node:zlib";
import { PIECE_BYTES } from "../piece-bytes";
import type { Compression } from "./compression";
import { through } from "./through";
import { ZstdFrames } from "./zstd-frames";

/** What Node has of Zstandard from 22.15 on. Its reader stops after the first frame of a file, and some versions take half a frame. */
const native = zlib as typeof zlib & {
  createZstdCompress?(options: object): Duplex;
  createZstdDecompress?(options: object): Duplex;
};
/** `ZSTD_c_checksumFlag` of zstd.h: frames end with a checksum of their content. */
const CHECKSUM_FLAG = 201;

/** Zstandard, one frame after another, as zstd and pzstd write them. Where Node has none, libraries of JavaScript and WebAssembly do it. */
export const zstd: Compression = {
  extension: ".zst",
  async *decompress(compressed) {
    const frames = new ZstdFrames(compressed);
    try {
      while (await frames.next()) yield* contentOf(frames);
    } finally {
      await frames.close();
    }
  },
  async compressor() {
    if (native.createZstdCompress)
      return native.createZstdCompress({
        chunkSize: PIECE_BYTES,
        params: { [CHECKSUM_FLAG]: 1 },
      });
    const { compressor } = await import("./zstd-library.js");
    return compressor();
  },
};

async function* contentOf(frames: ZstdFrames): AsyncIterable<Uint8Array> {
  if (native.createZstdDecompress) {
    const options = { chunkSize: PIECE_BYTES };
    yield* through(frames.bytes(), native.createZstdDecompress(options));
    return;
  }
  const { decompressFrame } = await import("./zstd-library.js");
  yield* decompressFrame(frames);
}
