import {
  type Dtype,
  bytesPerElement,
  NoMemoryError,
  type TypedArray,
  viewAs,
} from "@tsmpi/protocol";

const PAGE_BYTES = 65_536;
/** Behind the rest: where the communication thread reduces. Two of them are still in a core's cache. */
const STAGE_BYTES = 256 << 10;
/** WebAssembly's addresses have 32 bits, and so have lengths in messages between threads: a memory of 2^32 bytes does not arrive. */
export const MOST_ARENA_BYTES = 2 ** 32 - PAGE_BYTES - STAGE_BYTES;

/** Of the arena, the part that nothing is allocated in. */
export const stageOf = ({
  buffer,
}: SharedMemory): { readonly address: number; readonly bytes: number } => ({
  address: buffer.byteLength - STAGE_BYTES,
  bytes: STAGE_BYTES,
});

/** Cache lines do not straddle two buffers, and every dtype and SIMD vector is aligned. */
const ALIGNMENT = 64;

/** The part of WebAssembly.Memory that is used here; TypeScript has it in its library for browsers only. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}
const { Memory } = (
  globalThis as unknown as {
    WebAssembly: {
      Memory: new (descriptor: {
        initial: number;
        maximum: number;
        shared: true;
      }) => SharedMemory;
    };
  }
).WebAssembly;

interface Span {
  readonly start: number;
  readonly bytes: number;
}

/**
 * Memory that the main and the communication thread both see: a shared WebAssembly.Memory, so that kernels can work in place.
 * Its address space is reserved at once, its pages are used when they are touched. Only the main thread allocates.
 */
export class Arena {
  readonly memory: SharedMemory;
  /** In order of address; neighbours are always merged. */
  #free: Span[];
  readonly #used = new Map<number, number>();
  /** Where the last buffer of a cache line was that was given back: short calls take and give back one each. Not among the free. */
  #line: number | null = null;
  /**
   * The last memory beyond the arena that was given back: the next one takes it, unless it has been collected. V8 does not see
   * how much such memories hold, and would let many of them wait for a collection.
   */
  #spare: WeakRef<SharedArrayBuffer> | null = null;
  readonly #beyondArena = new WeakSet<object>();

  /** @throws {NoMemoryError} the system does not give the address space */
  constructor(bytes: number) {
    const pages = Math.ceil(bytes / PAGE_BYTES);
    this.memory = reserve(pages + STAGE_BYTES / PAGE_BYTES);
    this.#free = [{ start: 0, bytes: pages * PAGE_BYTES }];
  }

  /** From now on only this part of it is given away; nothing has been yet. */
  confine({ start, end }: { start: number; end: number }): void {
    this.#free = [{ start, bytes: end - start }];
    this.#line = null;
  }

  /** Where in the arena these bytes lie; null if they do not. */
  addressOf({ buffer, byteOffset }: Uint8Array): number | null {
    return buffer === this.memory.buffer ? byteOffset : null;
  }

  /** `length` elements of shared memory, not zeroed. Beyond the arena's size a memory of its own, which only kernels cannot use. @throws {NoMemoryError} */
  allocate(dtype: Dtype, length: number): TypedArray {
    const bytes = Math.max(
      ALIGNMENT,
      Math.ceil((length * bytesPerElement(dtype)) / ALIGNMENT) * ALIGNMENT,
    );
    if (bytes === ALIGNMENT && this.#line !== null) {
      const start = this.#line;
      this.#line = null;
      this.#used.set(start, bytes);
      return viewAs(dtype, this.memory.buffer, start, length);
    }
    let index = this.#free.findIndex((span) => span.bytes >= bytes);
    if (index < 0 && this.#line !== null) {
      this.#free = merge([
        ...this.#free,
        { start: this.#line, bytes: ALIGNMENT },
      ]);
      this.#line = null;
      index = this.#free.findIndex((span) => span.bytes >= bytes);
    }
    if (index < 0) return viewAs(dtype, this.#beyond(bytes), 0, length);
    const { start, bytes: available } = this.#free[index]!;
    this.#free.splice(
      index,
      1,
      ...(available > bytes
        ? [{ start: start + bytes, bytes: available - bytes }]
        : []),
    );
    this.#used.set(start, bytes);
    return viewAs(dtype, this.memory.buffer, start, length);
  }

  #beyond(bytes: number): SharedArrayBuffer {
    const spare = this.#spare?.deref();
    const isEnough = spare !== undefined && spare.byteLength >= bytes;
    if (isEnough) this.#spare = null;
    const memory = isEnough ? spare : sharedMemory(bytes);
    this.#beyondArena.add(memory);
    return memory;
  }

  /** Gives back what `allocate` returned. Anything else is left alone, and false returned. */
  release(array: TypedArray): boolean {
    if (array.buffer !== this.memory.buffer) {
      if (this.#beyondArena.delete(array.buffer))
        this.#spare = new WeakRef(array.buffer as SharedArrayBuffer);
      return false;
    }
    return this.releaseAt(array.byteOffset);
  }

  /** The same, by its place. */
  releaseAt(start: number): boolean {
    const bytes = this.#used.get(start);
    if (bytes === undefined) return false;
    this.#used.delete(start);
    if (bytes === ALIGNMENT && this.#line === null) {
      this.#line = start;
      return true;
    }
    this.#free = merge([...this.#free, { start, bytes }]);
    return true;
  }

  get usedBytes(): number {
    return [...this.#used.values()].reduce((sum, bytes) => sum + bytes, 0);
  }
}

function sharedMemory(bytes: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes);
  } catch (cause) {
    throw new NoMemoryError(`there is no memory for ${bytes} bytes`, { cause });
  }
}

function merge(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && last.start + last.bytes === span.start)
      merged[merged.length - 1] = {
        start: last.start,
        bytes: last.bytes + span.bytes,
      };
    else merged.push(span);
  }
  return merged;
}

function reserve(pages: number): SharedMemory {
  try {
    return new Memory({ initial: pages, maximum: pages, shared: true });
  } catch (cause) {
    throw new NoMemoryError(
      `there is no address space for an arena of ${pages * PAGE_BYTES} bytes (${(cause as Error).message}): Node.js reserves some 10 GB for a memory of WebAssembly; raise the limit (ulimit -v unlimited), or set NODE_OPTIONS=--disable-wasm-trap-handler and TSMPI_ARENA_BYTES to less`,
      { cause },
    );
  }
}
