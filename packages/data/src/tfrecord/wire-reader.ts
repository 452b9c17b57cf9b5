import { DataError } from "@tsmpi/protocol";

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH = 2;
const FIXED_32 = 5;

/** What a cursor does in the bytes of one Protocol Buffers message. Source: https://protobuf.dev/programming-guides/encoding */
export class WireReader {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  /** Where the message begins and ends (exclusive) in `bytes`. */
  #start = 0;
  #end = 0;

  /** Of a message, from its beginning. */
  enter(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.at = this.#start = start;
    this.#end = end;
  }

  /** A tag or a length: less than 2^32. */
  varint(): number {
    const { bytes } = this;
    const end = this.#end;
    const first = bytes[this.at]!;
    if (first < 128 && this.at < end) {
      this.at++;
      return first;
    }
    let value = 0;
    for (let unit = 1; unit < 2 ** 35; unit *= 128) {
      if (this.at >= end) throw this.broken("it ends within a number");
      const byte = bytes[this.at++]!;
      value += (byte & 127) * unit;
      if (byte < 128) return value;
    }
    throw this.broken("a length or tag has more than 32 bits");
  }

  /** Reads a length. @returns where what has it ends, at most at `end` */
  extent(end: number): number {
    const length = this.varint();
    const to = this.at + length;
    if (to > end)
      throw this.broken(
        `${length} bytes are to follow, and there are ${end - this.at}`,
      );
    return to;
  }

  /** Over the value of a field that is not known here. */
  skip(tag: number, end: number): void {
    const kind = tag & 7;
    if (kind === VARINT) this.skipVarint(end);
    else if (kind === FIXED_64) this.at += 8;
    else if (kind === LENGTH) this.at = this.extent(end);
    else if (kind === FIXED_32) this.at += 4;
    else throw this.broken(`tag ${tag} is of no kind that there is`);
    this.within(end);
  }

  skipVarint(end: number): void {
    for (let i = 0; i < 10; i++) {
      this.within(end - 1);
      if (this.bytes[this.at++]! < 128) return;
    }
    throw this.broken("a number has more than 64 bits");
  }

  within(end: number): void {
    if (this.at > end)
      throw this.broken("a value is longer than what holds it");
  }

  broken(what: string): DataError {
    return new DataError(
      `its bytes are no tf.train.Example: ${what} (byte ${this.at - this.#start} of them)`,
    );
  }
}
