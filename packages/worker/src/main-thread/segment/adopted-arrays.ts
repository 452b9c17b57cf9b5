import type { TypedArray } from "@tsmpi/protocol";
import { type Libc, loadSharedMemory } from "@tsmpi/transport";

export interface AdoptedArraysOptions {
  readonly libc: Libc;
  /** Memory of the segment; null: there is not so much left. */
  readonly allocate: (bytes: number) => TypedArray | null;
  readonly release: (array: TypedArray) => void;
  /** Address of the segment in this process. */
  readonly base: number;
  /** So much of the segment may be used. */
  readonly mostBytes: number;
}

/** Less goes through the segment nearly as fast. */
const LEAST_BYTES = 256 << 10;
// Linux has pages of 4 KiB on x64, and up to 64 KiB on arm64: what fits the largest fits all.
const SMALLEST_PAGE_BYTES = 4_096;
const PAGE_BYTES = 65_536;

// What the C library has in front of memory that it has mapped for one allocation: the length, and bits that tell how it was had.
const HEADER_BYTES = 16;
const LENGTH_AT = 8;
const FLAGS = 7n;
const IS_MAPPED = 2n;

/** Of an array that has been seen once: it may never come again. */
const SEEN = "seen";
const REFUSED = "refused";

interface Adopted {
  /** Its pages, at the address that they always had. */
  readonly address: number;
  readonly bytes: number;
  /** The same, as a place in the segment. */
  readonly place: number;
  readonly block: TypedArray;
}

/**
 * Ordinary arrays whose pages have become the segment's: the array stays what and where it is, and other ranks see it. An array that
 * is large and comes a second time is copied into the segment once, and those pages are mapped over its own.
 *
 * That can be done where the C library (glibc) has mapped pages for this one array, which it unmaps when the array is collected: so an
 * array of its own buffer, of ordinary size. Whatever else it may be is refused, and passes through the segment in chunks.
 */
export class AdoptedArrays {
  readonly #options: AdoptedArraysOptions;
  readonly #places = new WeakMap<
    ArrayBufferLike,
    number | typeof SEEN | typeof REFUSED
  >();
  readonly #collected = new FinalizationRegistry<Adopted>((adopted) => {
    this.#leaving.push(adopted);
    this.#sweep();
  });
  /** Arrays that have been collected, whose pages may be there still: V8 gives them back some time later. */
  #leaving: Adopted[] = [];
  #bytes = 0;

  constructor(options: AdoptedArraysOptions) {
    this.#options = options;
  }

  /** Its place in the segment; null: it is not there. */
  placeOf({ buffer, byteOffset, byteLength }: Uint8Array): number | null {
    if (byteLength < LEAST_BYTES) return null;
    let place = this.#places.get(buffer);
    if (place === undefined) {
      this.#places.set(buffer, SEEN);
      return null;
    }
    if (place === SEEN && byteLength === buffer.byteLength) {
      place = this.#adopt(buffer) ?? REFUSED;
      this.#places.set(buffer, place);
    }
    return typeof place === "number" ? place + byteOffset : null;
  }

  #adopt(buffer: ArrayBufferLike): number | null {
    const { libc, base, mostBytes } = this.#options;
    const pages = this.#pagesOf(buffer);
    if (pages === null || this.#bytes + pages.bytes > mostBytes) return null;
    this.#sweep();
    const block = this.#options.allocate(pages.bytes + PAGE_BYTES);
    if (block === null) return null;
    const place = Math.ceil(block.byteOffset / PAGE_BYTES) * PAGE_BYTES;
    libc.copyTo(base + place, pages.header);
    libc.copyTo(base + place + HEADER_BYTES, new Uint8Array(buffer));
    if (!libc.mapAgain(pages.address, base + place, pages.bytes)) {
      this.#options.release(block);
      return null;
    }
    this.#bytes += pages.bytes;
    const { address, bytes } = pages;
    this.#collected.register(buffer, { address, bytes, place, block });
    return place + HEADER_BYTES;
  }

  /** The pages that the C library has mapped for this buffer alone; null if that is not how it was had. */
  #pagesOf(
    buffer: ArrayBufferLike,
  ): (Pick<Adopted, "address" | "bytes"> & { header: Uint8Array }) | null {
    if (!(buffer instanceof ArrayBuffer) || isResizable(buffer)) return null;
    const { libc } = this.#options;
    const { mappingOf, mappings } = loadSharedMemory();
    const address = libc.addressOf(buffer) - HEADER_BYTES;
    if (address % SMALLEST_PAGE_BYTES !== 0) return null;
    const least = HEADER_BYTES + buffer.byteLength;
    const mapping = mappingOf(mappings(), address, least);
    if (!mapping?.isPlain) return null;
    const header = new Uint8Array(HEADER_BYTES);
    libc.copyFrom(header, address);
    const length = Buffer.from(header.buffer).readBigUInt64LE(LENGTH_AT);
    const bytes = Number(length & ~FLAGS);
    const isOwn =
      (length & FLAGS) === IS_MAPPED &&
      bytes >= least &&
      bytes < least + PAGE_BYTES &&
      bytes % SMALLEST_PAGE_BYTES === 0 &&
      address + bytes <= mapping.end;
    return isOwn ? { address, bytes, header } : null;
  }

  /** Makes room where pages are not mapped a second time any more. */
  #sweep(): void {
    if (this.#leaving.length === 0) return;
    const { areSame, mappings } = loadSharedMemory();
    const all = mappings();
    const { base, release } = this.#options;
    this.#leaving = this.#leaving.filter(({ address, bytes, place, block }) => {
      if (areSame(all, address, base + place, bytes)) return true;
      this.#bytes -= bytes;
      release(block);
      return false;
    });
  }
}

/** TypeScript's library knows it from ES2024 on, Node from 20 on. */
const isResizable = (
  buffer: ArrayBuffer & { readonly resizable?: boolean },
): boolean => buffer.resizable === true;
