const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const RLE_BLOCK = 1;
/** What zstd itself takes unless it is told otherwise. */
const MOST_WINDOW_BYTES = 1 << 27;

/**
 * Where the frames of a Zstandard file begin and end, found from the sizes of their blocks without looking into them.
 * Source: RFC 8878, 3.1.
 */
export class ZstdFrames {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);
  #isBeginning = true;
  #hasChecksum = false;
  #header: Buffer = Buffer.alloc(0);

  /** Of the frame's content, when all its bytes have been read; null: it has none. */
  checksum: number | null = null;

  constructor(compressed: AsyncIterable<Uint8Array>) {
    this.#pieces = compressed[Symbol.asyncIterator]();
  }

  /** Goes to the next frame. @returns false if there is none */
  async next(): Promise<boolean> {
    for (;;) {
      // A file without any frame is none of Zstandard; behind a frame it may end.
      if (!this.#isBeginning && !(await this.#has(1))) return false;
      this.#isBeginning = false;
      const magic = (await this.#take(4)).readUInt32LE();
      if (magic === FRAME_MAGIC) {
        await this.#readHeader();
        return true;
      }
      if ((magic & ~15) >>> 0 !== SKIPPABLE_MAGIC)
        throw new Error("this is no Zstandard frame");
      let left = (await this.#take(4)).readUInt32LE();
      while (left > 0)
        left -= (await this.#take(Math.min(left, 65_536))).length;
    }
  }

  /** All of the frame's, with header and checksum. */
  async *bytes(): AsyncGenerator<Buffer> {
    yield this.#header;
    for (let isLast = false; !isLast;) {
      const header = await this.#take(3);
      const bits = header.readUIntLE(0, 3);
      isLast = (bits & 1) === 1;
      yield header;
      yield await this.#take(((bits >> 1) & 3) === RLE_BLOCK ? 1 : bits >> 3);
    }
    this.checksum = null;
    if (!this.#hasChecksum) return;
    const checksum = await this.#take(4);
    this.checksum = checksum.readUInt32LE();
    yield checksum;
  }

  /** Closes what the bytes come from. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  async #readHeader(): Promise<void> {
    const descriptor = await this.#take(1);
    const flags = descriptor[0]!;
    const isSingleSegment = (flags & 32) !== 0;
    this.#hasChecksum = (flags & 4) !== 0;
    const contentSizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][flags >> 6]!;
    const dictionaryBytes = [0, 1, 2, 4][flags & 3]!;
    const others = await this.#take(
      (isSingleSegment ? 0 : 1) + dictionaryBytes + contentSizeBytes,
    );
    const isSmall = isSingleSegment
      ? sizeIn(others.subarray(dictionaryBytes)) <= MOST_WINDOW_BYTES
      : windowOf(others[0]!) <= MOST_WINDOW_BYTES;
    if (!isSmall)
      throw new Error(
        `a frame needs more than ${MOST_WINDOW_BYTES} bytes of memory to be unpacked; pack it again without --long`,
      );
    const magic = Buffer.alloc(4);
    magic.writeUInt32LE(FRAME_MAGIC);
    this.#header = Buffer.concat([magic, descriptor, others]);
  }

  async #has(bytes: number): Promise<boolean> {
    while (this.#rest.length < bytes) {
      const piece = await this.#pieces.next();
      if (piece.done) return false;
      this.#rest = Buffer.concat([this.#rest, piece.value]);
    }
    return true;
  }

  async #take(bytes: number): Promise<Buffer> {
    if (!(await this.#has(bytes)))
      throw new Error("it ends in the middle of a frame");
    const taken = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    return taken;
  }
}

/** Of what has been unpacked, as much as the next block may refer to. */
function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** Of a frame's content; two bytes have 256 added. */
const sizeIn = (bytes: Buffer): number =>
  bytes.length === 8
    ? Number(bytes.readBigUInt64LE())
    : bytes.readUIntLE(0, bytes.length) + (bytes.length === 2 ? 256 : 0);
