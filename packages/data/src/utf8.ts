import { DataError } from "@tsmpi/protocol";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @throws {DataError} the bytes are no UTF-8 */
export function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new DataError(
      "the text is not UTF-8; convert the file, with iconv say, if it is in another encoding",
      { cause },
    );
  }
}

/** Half of a pair of code units that make one character: what no encoding can hold. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** @throws {DataError} part of a character, of which UTF-8 would make another one */
export function utf8Of(text: string): Uint8Array {
  const bytes = Buffer.from(text);
  // Every such half becomes these three bytes; looking for it takes longer than writing, so that only long results are looked at.
  if (bytes.length !== text.length && LONE_SURROGATE.test(text))
    throw new DataError(
      "the text has half of a surrogate pair, which is no character and cannot be written as UTF-8",
    );
  return bytes;
}
