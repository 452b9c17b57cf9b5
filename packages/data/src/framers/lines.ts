import type { Framer } from "../framing";
import type { RecordPlace } from "../records/raw-records";

export const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

/** How many bytes of a byte order mark there are at the beginning of a file; null: more bytes are needed to tell. */
export function byteOrderMark(
  bytes: Uint8Array,
  isLast: boolean,
): number | null {
  for (const [i, byte] of BYTE_ORDER_MARK.entries()) {
    if (i === bytes.length) return isLast ? 0 : null;
    if (bytes[i] !== byte) return 0;
  }
  return BYTE_ORDER_MARK.length;
}

/** One line a record, without its end, which is LF or CR LF; the last line may lack it. A byte order mark in front of all is skipped. */
export function lines({
  place,
  skipsEmpty,
}: {
  /** Where reading begins. */
  readonly place?: RecordPlace;
  /** Empty lines are no records. */
  readonly skipsEmpty: boolean;
}): Framer {
  let isBeginning = (place?.offset ?? 0) === 0;
  return {
    start: 0,
    end: 0,
    next(bytes, at, isLast) {
      let start = at;
      if (isBeginning) {
        const mark = byteOrderMark(bytes, isLast);
        if (mark === null) return -1;
        start += mark;
      }
      while (start < bytes.length) {
        const newline = bytes.indexOf(NEWLINE, start);
        if (newline < 0 && !isLast) return -1;
        const next = newline < 0 ? bytes.length : newline + 1;
        const end = newline < 0 ? bytes.length : newline;
        this.start = start;
        this.end =
          end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
        if (!skipsEmpty || this.end > this.start) {
          isBeginning = false;
          return next;
        }
        start = next;
      }
      return -1;
    },
  };
}
