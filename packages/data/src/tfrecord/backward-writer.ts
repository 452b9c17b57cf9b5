/**
 * Writes a Protocol Buffers message from its end to its beginning: what stands in front of a field is its length, and that is known
 * when the field is written.
 */
export class BackwardWriter {
  #bytes = Buffer.allocUnsafe(4096);
  #at = this.#bytes.length;

  /** Bytes so far: to `close` what is written from now on. */
  get length(): number {
    return this.#bytes.length - this.#at;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, (this.#at -= bytes.length));
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[--this.#at] = value;
  }

  /** In front of what was written since `length` was `since`: its length and its tag. */
  close(tag: number, since: number): void {
    this.varint(this.length - since, 0);
    this.byte(tag);
  }

  /** 64 bits in two words. */
  varint(low: number, high: number): void {
    this.#reserve(10);
    const bytes = this.#bytes;
    let size = 1;
    let [restLow, restHigh] = [low >>> 0, high >>> 0];
    while (restHigh !== 0 || restLow > 127) {
      restLow = ((restLow >>> 7) | (restHigh << 25)) >>> 0;
      restHigh >>>= 7;
      size++;
    }
    let at = (this.#at -= size);
    [restLow, restHigh] = [low >>> 0, high >>> 0];
    while (--size > 0) {
      bytes[at++] = (restLow & 127) | 128;
      restLow = ((restLow >>> 7) | (restHigh << 25)) >>> 0;
      restHigh >>>= 7;
    }
    bytes[at] = restLow;
  }

  /** All that was written, in memory of its own. The next message begins. */
  take(): Uint8Array {
    const taken = new Uint8Array(this.length);
    taken.set(this.#bytes.subarray(this.#at));
    this.#at = this.#bytes.length;
    return taken;
  }

  #reserve(bytes: number): void {
    if (this.#at >= bytes) return;
    const { length } = this;
    const larger = Buffer.allocUnsafe(2 * (length + bytes));
    larger.set(this.#bytes.subarray(this.#at), larger.length - length);
    this.#bytes = larger;
    this.#at = larger.length - length;
  }
}
