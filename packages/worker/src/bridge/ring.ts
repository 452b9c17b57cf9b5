/** Words in front of the bytes. */
const HEAD = 0;
const TAIL = 1;
const READER_ASLEEP = 2;
const WRITER_WAITS = 3;
const WORDS = 4;
const WORD_BYTES = Int32Array.BYTES_PER_ELEMENT;

/** A record begins with its length and a number of the writer's. */
const RECORD_BYTES = 8;
const ALIGNMENT = 8;
/** In place of a length: the record is at the beginning of the ring. */
const WRAPPED = 0xffffffff;

/** Holds several of the longest records, so that writer and reader overlap. A power of two: positions run over at 2^32. */
const RING_BYTES = 2 << 20;

export type RingMemory = SharedArrayBuffer;

export const ringMemory = (bytes = RING_BYTES): RingMemory =>
  new SharedArrayBuffer(WORDS * WORD_BYTES + bytes);

/**
 * Records of bytes from one thread to one other, in shared memory: writing one costs a copy, and no message between threads.
 * One thread only writes, the other only reads; neither ever waits here.
 */
export class Ring {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #bytes: Uint8Array<SharedArrayBuffer>;
  readonly #view: DataView;
  readonly #size: number;

  constructor(memory: RingMemory) {
    this.#words = new Int32Array(memory, 0, WORDS);
    this.#bytes = new Uint8Array(memory, WORDS * WORD_BYTES);
    this.#view = new DataView(memory, WORDS * WORD_BYTES);
    this.#size = this.#bytes.byteLength;
  }

  /**
   * Writer: a record of `length` bytes, which `fill` writes. False if there is no room; `fill` is not called then.
   *
   * @param number the reader gets it with the record
   */
  write(
    number: number,
    length: number,
    fill: (record: Uint8Array) => void,
  ): boolean {
    // Only this thread writes HEAD, so it may read it back as it is.
    const head = this.#words[HEAD]! >>> 0;
    const free = this.#size - ((head - Atomics.load(this.#words, TAIL)) >>> 0);
    const at = head % this.#size;
    const needed = padded(RECORD_BYTES + length);
    const toEnd = this.#size - at;
    const skipped = needed <= toEnd ? 0 : toEnd;
    if (needed + skipped > free) return false;
    if (skipped > 0) this.#view.setUint32(at, WRAPPED, true);
    const start = skipped > 0 ? 0 : at;
    this.#view.setUint32(start, length, true);
    this.#view.setUint32(start + 4, number, true);
    fill(
      this.#bytes.subarray(start + RECORD_BYTES, start + RECORD_BYTES + length),
    );
    Atomics.store(this.#words, HEAD, (head + skipped + needed) | 0);
    return true;
  }

  get isEmpty(): boolean {
    return Atomics.load(this.#words, HEAD) === Atomics.load(this.#words, TAIL);
  }

  /** Reader: the next record, which is gone when `read` returns. False if there is none. */
  read(read: (number: number, record: Uint8Array) => void): boolean {
    if (this.isEmpty) return false;
    const tail = this.#words[TAIL]! >>> 0;
    const at = tail % this.#size;
    const wrapped = this.#view.getUint32(at, true) === WRAPPED;
    const start = wrapped ? 0 : at;
    const skipped = wrapped ? this.#size - at : 0;
    const length = this.#view.getUint32(start, true);
    const end = (tail + skipped + padded(RECORD_BYTES + length)) | 0;
    try {
      read(
        this.#view.getUint32(start + 4, true),
        this.#bytes.subarray(
          start + RECORD_BYTES,
          start + RECORD_BYTES + length,
        ),
      );
    } finally {
      Atomics.store(this.#words, TAIL, end);
    }
    return true;
  }

  /** Reader, when it has read everything and goes to sleep: false if there is something after all. */
  sleepReader(): boolean {
    Atomics.store(this.#words, READER_ASLEEP, 1);
    if (this.isEmpty) return true;
    Atomics.store(this.#words, READER_ASLEEP, 0);
    return false;
  }

  /** Reader: resolves when it does not sleep any more. Its event loop turns meanwhile. */
  async awaken(): Promise<void> {
    await waitAsync(this.#words, READER_ASLEEP, 1).value;
  }

  /** Writer, behind a write: wakes the reader if it sleeps. */
  wakeReader(): void {
    if (Atomics.load(this.#words, READER_ASLEEP) === 0) return;
    Atomics.store(this.#words, READER_ASLEEP, 0);
    Atomics.notify(this.#words, READER_ASLEEP);
  }

  /** Writer: there was no room; the reader says when there is some. */
  awaitRoom(): void {
    Atomics.store(this.#words, WRITER_WAITS, 1);
  }

  /** Writer: blocks this thread until something has been read since `awaitRoom`, or until `timeoutMs` is over. */
  sleepWriter(timeoutMs: number): void {
    Atomics.wait(this.#words, WRITER_WAITS, 1, timeoutMs);
  }

  /** Reader, when it has read: true if the writer waits for room; once for each wait. Wakes one that sleeps. */
  takeWaitingWriter(): boolean {
    if (Atomics.load(this.#words, WRITER_WAITS) === 0) return false;
    const waits = Atomics.exchange(this.#words, WRITER_WAITS, 0) === 1;
    Atomics.notify(this.#words, WRITER_WAITS);
    return waits;
  }
}

/** TypeScript has it in the library of a later year. */
const { waitAsync } = Atomics as unknown as {
  waitAsync: (
    words: Int32Array<SharedArrayBuffer>,
    index: number,
    value: number,
  ) => { readonly value: string | Promise<string> };
};

const padded = (bytes: number): number =>
  Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
