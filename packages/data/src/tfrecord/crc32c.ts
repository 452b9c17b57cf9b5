import { kernel, TABLES, WINDOW, WINDOW_BYTES } from "./kernel";

/**
 * CRC-32C (Castagnoli) as TFRecord stores it: turned and shifted, since checksums of data that hold checksums themselves are weak.
 * Measured (docs/performance.md): JavaScript 1.5 GB/s, this kernel 2.9, also for short records, for which calls of a native module
 * cost more than their work.
 */

const MASK_DELTA = 0xa282ead8;

/** From the inverted checksum. */
const masked = (inverted: number): number => {
  const crc = ~inverted;
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
};

export function crc32c(bytes: Uint8Array): number {
  const { update, window } = kernel();
  held = null;
  let crc = -1;
  for (let at = 0; at < bytes.length; at += WINDOW_BYTES) {
    const part = bytes.subarray(at, at + WINDOW_BYTES);
    window.set(part);
    crc = update(crc, WINDOW, WINDOW + part.length);
  }
  return masked(crc);
}

/** What was summed last, and where it lies in the kernel's memory. */
let held: Uint8Array | null = null;
let heldAt = 0;

/**
 * Of a part of bytes of which other parts follow: they are copied once for all, and not at all where they are of `PieceMemory`. They
 * must not change in between.
 */
export function crc32cWithin(
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  const { update, window } = kernel();
  if (held !== bytes) {
    const isInside = bytes.buffer === window.buffer;
    if (!isInside && bytes.length > WINDOW_BYTES)
      return crc32c(bytes.subarray(start, end));
    if (!isInside) window.set(bytes);
    heldAt = isInside ? bytes.byteOffset : WINDOW;
    held = bytes;
  }
  return masked(update(-1, heldAt + start, heldAt + end));
}

const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as [
  ...[Int32Array, Int32Array, Int32Array, Int32Array],
  ...[Int32Array, Int32Array, Int32Array, Int32Array],
];

/** Of a length: 8 bytes, as two words. */
export function crc32cOfLength(low: number, high: number): number {
  const inverted = ~low;
  return masked(
    T7[inverted & 255]! ^
      T6[(inverted >>> 8) & 255]! ^
      T5[(inverted >>> 16) & 255]! ^
      T4[inverted >>> 24]! ^
      T3[high & 255]! ^
      T2[(high >>> 8) & 255]! ^
      T1[(high >>> 16) & 255]! ^
      T0[high >>> 24]!,
  );
}
