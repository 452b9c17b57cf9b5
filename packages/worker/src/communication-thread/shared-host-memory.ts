import type { HostMemory } from "@tsmpi/collective";
import { FAILURES_AT } from "../bridge/calls";
import type { SharedMemory } from "../bridge/arena";

/** The shares of this host's ranks, which lie one behind the other in the arena of each, this rank's among them. */
export class SharedHostMemory implements HostMemory {
  readonly #buffer: SharedArrayBuffer;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #shareBytes: number;
  readonly #own: number;

  constructor(
    { buffer }: SharedMemory,
    {
      shareBytes,
      index,
    }: { readonly shareBytes: number; readonly index: number },
  ) {
    this.#buffer = buffer;
    this.#words = new Int32Array(buffer);
    this.#shareBytes = shareBytes;
    this.#own = index * shareBytes;
  }

  placeOf({ buffer, byteOffset }: Uint8Array): number | null {
    const isOwn =
      buffer === this.#buffer &&
      byteOffset >= this.#own &&
      byteOffset < this.#own + this.#shareBytes;
    return isOwn ? byteOffset : null;
  }

  at(place: number, bytes: number): Uint8Array {
    return new Uint8Array(this.#buffer, place, bytes);
  }

  failuresAt(place: number): number {
    return Atomics.load(this.#words, this.#failuresOf(place));
  }

  fail(): void {
    Atomics.add(this.#words, this.#failuresOf(this.#own), 1);
  }

  /** Index of the word that the rank counts in. */
  #failuresOf(place: number): number {
    const share = Math.floor(place / this.#shareBytes) * this.#shareBytes;
    return (share + FAILURES_AT) / Int32Array.BYTES_PER_ELEMENT;
  }
}
