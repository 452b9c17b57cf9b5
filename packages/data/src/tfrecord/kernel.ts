import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PIECE_BYTES } from "../files/piece-bytes";
import { HALF_BYTES, HALF_TABLES, SLICES, TABLE_BYTES } from "./kernel-source";

/** TypeScript has it in its library for browsers only. */
const { WebAssembly: wasm } = globalThis as unknown as {
  WebAssembly: {
    Memory: new (pages: { initial: number }) => { buffer: ArrayBuffer };
    Module: new (bytes: Uint8Array) => object;
    Instance: new (
      module: object,
      imports: unknown,
    ) => { readonly exports: Functions };
  };
};

interface Functions {
  readonly update: (crc: number, at: number, end: number) => number;
  readonly areFinite: (at: number, end: number) => number;
}

/** Assembled from kernel-source.ts when this package is built. */
const ASSEMBLED = join(__dirname, "../../dist/tfrecord/kernel.wasm");

/** Behind the tables: bytes to be summed. A piece of a file, and what was left of the one before, mostly. */
export const WINDOW = (HALF_TABLES + 4) * TABLE_BYTES;
export const WINDOW_BYTES = 2 * PIECE_BYTES;
/** Behind the window: two pieces that a file is read into by turns. */
export const PIECES = WINDOW + WINDOW_BYTES;
export const PIECE_COUNT = 2;
const PAGE_BYTES = 65_536;

/** The Castagnoli polynomial, its bits reversed. */
const POLYNOMIAL = 0x82f63b78;

/** See kernel-source.ts. */
export const TABLES = tables();

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
  for (const shift of [24, 16, 8, 0])
    all.push(
      first.map((_, byte) => {
        let crc = byte << shift;
        for (let i = 0; i < HALF_BYTES; i++)
          crc = first[crc & 255]! ^ (crc >>> 8);
        return crc;
      }),
    );
  return all;
}

interface Kernel extends Functions {
  readonly window: Uint8Array;
  readonly memory: ArrayBuffer;
}

let loaded: Kernel | null = null;

/** Compiled when it is first needed, which takes a millisecond. */
export function kernel(): Kernel {
  if (loaded) return loaded;
  const bytes = PIECES + PIECE_COUNT * PIECE_BYTES;
  const memory = new wasm.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
  const { buffer } = memory;
  TABLES.forEach((table, t) =>
    new Int32Array(buffer, t * TABLE_BYTES).set(table),
  );
  const module = new wasm.Module(readFileSync(ASSEMBLED));
  const instance = new wasm.Instance(module, { tfrecord: { memory } });
  const { update, areFinite } = instance.exports;
  const window = new Uint8Array(buffer, WINDOW, WINDOW_BYTES);
  return (loaded = { update, areFinite, window, memory: buffer });
}
