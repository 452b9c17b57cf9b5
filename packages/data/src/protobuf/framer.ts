import { DataError } from "@tsmpi/protocol";
import type { Framer } from "../framing";

/** Five bytes of seven bits each hold any length there is. */
const MAX_LENGTH_BYTES = 5;
const MAX_MESSAGE_BYTES = 2 ** 31 - 1;

/** Messages with their lengths, as varints, in front of them: what `writeDelimitedTo` writes. */
export const delimitedMessages = (): Framer => ({
  start: 0,
  end: 0,
  next(bytes, at, isLast) {
    let length = 0;
    let start = at;
    for (let scale = 1; ; scale *= 128) {
      if (start === bytes.length) {
        if (!isLast) return -1;
        throw new DataError("the file ends within the length of a message");
      }
      const byte = bytes[start++]!;
      length += (byte & 127) * scale;
      if (byte < 128) break;
      if (start - at === MAX_LENGTH_BYTES) length = Infinity;
      if (length > MAX_MESSAGE_BYTES) break;
    }
    if (length > MAX_MESSAGE_BYTES)
      throw new DataError(
        "there is no length of a message here; each message of the file must have its length, a varint, in front of it",
      );
    const end = start + length;
    if (end > bytes.length) {
      if (!isLast) return -1;
      throw new DataError(
        `the message should have ${length} bytes, and the file ends ${end - bytes.length} bytes before that; it is cut short, or its messages do not have their lengths in front of them`,
      );
    }
    [this.start, this.end] = [start, end];
    return end;
  },
});

/** The varint that stands in front of a message of so many bytes. */
export function lengthPrefix(bytes: number): Uint8Array {
  const prefix: number[] = [];
  let left = bytes;
  for (; left > 127; left = Math.floor(left / 128))
    prefix.push((left % 128) | 128);
  prefix.push(left);
  return Uint8Array.from(prefix);
}
