import type { Duplex } from "node:stream";

/** A way in which a file's bytes are compressed, whatever they hold. */
export interface Compression {
  /** With the dot; stands behind the extension that says what the bytes hold. */
  readonly extension: string;
  /** What these bytes are of, in pieces that are the reader's to keep. Throws at the first that cannot be right, and if the end is missing. */
  decompress(compressed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** Bytes are written into it, and read from it compressed. */
  compressor(): Promise<Duplex>;
}
