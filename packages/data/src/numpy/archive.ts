import { pipeline, Readable } from "node:stream";
import * as zlib from "node:zlib";
import type * as yauzl from "yauzl";
import { DataError } from "@tsmpi/protocol";
import { type ByteSource, PIECE_BYTES } from "../files/byte-source";
import { HEAD_BYTES } from "./header";

/** A file in a zip archive. Where it is packed, it is read from its beginning. */
export interface Member extends ByteSource {
  /** Its path within the archive. */
  readonly name: string;
  readonly isStored: boolean;
}

/** What yauzl's types do not know yet. */
interface Zip {
  eachEntry(): AsyncIterable<yauzl.Entry>;
  readLocalFileHeaderPromise(
    entry: yauzl.Entry,
    options: { readonly minimal: true },
  ): Promise<{ readonly fileDataStart: number }>;
}
interface Library {
  readonly RandomAccessReader: new () => object;
  fromRandomAccessReaderPromise(
    reader: object,
    bytes: number,
    options: { readonly autoClose: false },
  ): Promise<Zip>;
}
/** Node.js has it since 20.15, its types do not. */
const { crc32 } = zlib as unknown as {
  readonly crc32: (bytes: Uint8Array, before: number) => number;
};

const STORED = 0;
const DEFLATED = 8;

/** The files in a zip archive, of whatever size. @throws {DataError} it is none, or damaged */
export async function openArchive(source: ByteSource): Promise<Member[]> {
  if (!source.isSeekable)
    throw new DataError(
      `${source.path}: a zip archive that is compressed once more cannot be read; unpack it first`,
    );
  const library = (await import("yauzl")) as unknown as Library;
  class Reader extends library.RandomAccessReader {
    read(
      buffer: Buffer,
      at: number,
      length: number,
      position: number,
      callback: (error: Error | null) => void,
    ): void {
      source.readAt(position, length).then((bytes) => {
        buffer.set(bytes, at);
        callback(null);
      }, callback);
    }
  }
  try {
    const zip = await library.fromRandomAccessReaderPromise(
      new Reader(),
      source.bytes,
      { autoClose: false },
    );
    const members: Member[] = [];
    for await (const entry of zip.eachEntry()) {
      const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, {
        minimal: true,
      });
      members.push(member(source, entry, fileDataStart));
    }
    return members;
  } catch (cause) {
    throw new DataError(
      `${source.path} is no complete zip archive (${(cause as Error).message}); it was cut off, or is damaged`,
      { cause },
    );
  }
}

function member(source: ByteSource, entry: yauzl.Entry, start: number): Member {
  const { fileName: name, uncompressedSize, compressionMethod } = entry;
  const path = `${source.path}/${name}`;
  const isStored = compressionMethod === STORED;
  const damaged = (what: string, cause?: unknown): DataError =>
    new DataError(`${path}: ${what}; the file is damaged`, { cause });

  async function* content(from: number): AsyncIterable<Uint8Array> {
    if (isStored)
      yield* limited(source.read(start + from), uncompressedSize - from);
    else yield* unpacked(from);
  }

  async function* unpacked(from: number): AsyncIterable<Uint8Array> {
    const inflate = zlib.createInflateRaw({ chunkSize: PIECE_BYTES });
    const packed = limited(source.read(start), entry.compressedSize);
    // What fails is thrown where `inflate` is read.
    pipeline(Readable.from(packed), inflate, () => undefined);
    let skip = from;
    try {
      for await (const piece of inflate as AsyncIterable<Uint8Array>) {
        if (piece.length > skip) yield piece.subarray(skip);
        skip = Math.max(0, skip - piece.length);
      }
    } catch (cause) {
      if (cause instanceof DataError) throw cause;
      throw damaged(
        `it cannot be unpacked (${(cause as Error).message})`,
        cause,
      );
    }
  }

  /** From its beginning to its end, or from somewhere on, without its checksum. */
  async function* read(offset = 0): AsyncIterable<Uint8Array> {
    const isChecked = offset <= HEAD_BYTES;
    let [checksum, length, skip] = [0, 0, isChecked ? offset : 0];
    for await (const piece of content(isChecked ? 0 : offset)) {
      if (isChecked) checksum = crc32(piece, checksum);
      length += piece.length;
      if (piece.length > skip) yield piece.subarray(skip);
      skip = Math.max(0, skip - piece.length);
    }
    const missing = uncompressedSize - (isChecked ? 0 : offset) - length;
    if (missing !== 0)
      throw damaged(
        `it has ${uncompressedSize} bytes, ${missing} too few are there`,
      );
    if (isChecked && checksum !== entry.crc32)
      throw damaged(`the checksum of its ${uncompressedSize} bytes is wrong`);
  }

  if ((entry.generalPurposeBitFlag & 1) !== 0)
    throw new DataError(`${path} is encrypted`);
  if (!isStored && compressionMethod !== DEFLATED)
    throw new DataError(
      `${path} is packed by method ${compressionMethod}; numpy.savez and numpy.savez_compressed make others`,
    );
  return {
    ...{ path, name, isStored, bytes: uncompressedSize, isSeekable: false },
    read,
    readAt: () => Promise.reject(new DataError(`${path} is read in order`)),
  };
}

async function* limited(
  pieces: AsyncIterable<Uint8Array>,
  bytes: number,
): AsyncIterable<Uint8Array> {
  let left = bytes;
  if (left <= 0) return;
  for await (const piece of pieces) {
    yield piece.subarray(0, left);
    left -= piece.length;
    if (left <= 0) return;
  }
}
