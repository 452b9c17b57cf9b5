import { type Duplex, Transform } from "node:stream";
import type { ZstdFrames } from "./zstd-frames";

/** One frame's content, through fzstd, which leaves checking to us. */
export async function* decompressFrame(
  frames: ZstdFrames,
): AsyncIterable<Uint8Array> {
  const [{ Decompress }, hasher] = await Promise.all([
    import("fzstd"),
    createHasher(),
  ]);
  let pieces: Uint8Array[] = [];
  const decompressor = new Decompress((piece) => {
    if (piece.length > 0) pieces.push(piece);
  });
  const push = (bytes: Uint8Array, isLast: boolean): readonly Uint8Array[] => {
    pieces = [];
    decompressor.push(bytes, isLast);
    for (const piece of pieces) hasher.update(piece);
    return pieces;
  };
  for await (const bytes of frames.bytes()) yield* push(bytes, false);
  // A frame of a few bytes waits for this.
  yield* push(new Uint8Array(0), true);
  if (frames.checksum !== null && frames.checksum !== checksumOf(hasher))
    throw new Error("a frame's content does not have its checksum");
}

const HAS_CHECKSUM = 4;
const DESCRIPTOR_AT = 4;

/** Makes a frame of each piece, with a checksum, which the library does not write. */
export function compressor(): Duplex {
  const frameOf = async (content: Uint8Array): Promise<Uint8Array> => {
    const [{ compress }, hasher] = await Promise.all([
      loadLibrary(),
      createHasher(),
    ]);
    const frame = compress(content);
    frame[DESCRIPTOR_AT]! |= HAS_CHECKSUM;
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32LE(checksumOf(hasher.update(content)));
    return Buffer.concat([frame, checksum]);
  };
  let isEmpty = true;
  return new Transform({
    transform(content: Uint8Array, _encoding, done) {
      isEmpty = false;
      frameOf(content).then((frame) => done(null, frame), done);
    },
    flush(done) {
      if (!isEmpty) done();
      else frameOf(new Uint8Array(0)).then((frame) => done(null, frame), done);
    },
  });
}

let library: Promise<typeof import("@bokuweb/zstd-wasm")> | null = null;

const loadLibrary = (): Promise<typeof import("@bokuweb/zstd-wasm")> =>
  (library ??= import("@bokuweb/zstd-wasm").then(async (loaded) => {
    await loaded.init();
    return loaded;
  }));

interface Hasher {
  update(bytes: Uint8Array): Hasher;
  digest(): bigint;
}

async function createHasher(): Promise<Hasher> {
  const { default: xxhash } = await import("xxhash-wasm");
  return (await xxhash()).create64();
}

const checksumOf = (hasher: Hasher): number =>
  Number(hasher.digest() & 0xffff_ffffn);
