import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PIECE_BYTES } from "../files/byte-source";
import { SLICES, TABLE_BYTES } from "./crc32c-source";

/**
 * CRC-32C (Castagnoli) as TFRecord stores it: turned and shifted, since checksums of data that hold checksums themselves are weak.
 * Measured (docs/performance.md): JavaScript 1.5 GB/s, this kernel 2.9, also for short records, for which calls of a native module
 * cost more than their work.
 */

/** The Castagnoli polynomial, its bits reversed. */
const POLYNOMIAL = 0x82f63b78;
const MASK_DELTA = 0xa282ead8;

const TABLES = tables();

function tables(): readonly Int32Array[] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++)
      crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    return crc;
  });
  const all = [first];
  while (all.length < SLICES)
    all.push(all.at(-1)!.map((crc) => first[crc & 255]! ^ (crc >>> 8)));
  return all;
}

/** From the inverted checksum. */
const masked = (inverted: number): number => {
  const crc = ~inverted;
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
};

/** TypeScript has it in its library for browsers only. */
const { WebAssembly: wasm } = globalThis as unknown as {
  WebAssembly: {
    Memory: new (pages: { initial: number }) => { buffer: ArrayBuffer };
    Module: new (bytes: Uint8Array) => object;
    Instance: new (
      module: object,
      imports: unknown,
    ) => {
      readonly exports: {
        readonly update: (crc: number, at: number, end: number) => number;
      };
    };
  };
};

/** Assembled from crc32c-source.ts when this package is built. */
const ASSEMBLED = join(__dirname, "../../dist/tfrecord/crc32c.wasm");

/** Behind the tables: bytes to be summed. A piece of a file, and what was left of the one before, mostly. */
const WINDOW = SLICES * TABLE_BYTES;
const WINDOW_BYTES = 2 * PIECE_BYTES;
const PAGE_BYTES = 65_536;

interface Kernel {
  readonly update: (crc: number, at: number, end: number) => number;
  readonly window: Uint8Array;
}

let loaded: Kernel | null = null;

/** Compiled when the first checksum is needed, which takes a millisecond. */
function kernel(): Kernel {
  if (loaded) return loaded;
  const memory = new wasm.Memory({
    initial: Math.ceil((WINDOW + WINDOW_BYTES) / PAGE_BYTES),
  });
  TABLES.forEach((table, t) =>
    new Int32Array(memory.buffer, t * TABLE_BYTES).set(table),
  );
  const { exports } = new wasm.Instance(
    new wasm.Module(readFileSync(ASSEMBLED)),
    { checksum: { memory } },
  );
  const window = new Uint8Array(memory.buffer, WINDOW);
  return (loaded = { update: exports.update, window });
}

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

/** What lies in the window. */
let held: Uint8Array | null = null;

/** Of a part of bytes of which other parts follow: they are copied once for all. They must not change in between. */
export function crc32cWithin(
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  if (bytes.length > WINDOW_BYTES) return crc32c(bytes.subarray(start, end));
  const { update, window } = kernel();
  if (held !== bytes) window.set((held = bytes));
  return masked(update(-1, WINDOW + start, WINDOW + end));
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
