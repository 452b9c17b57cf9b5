import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Codec } from "./codec";

/** Values that are worked on at a time: with what belongs to them they stay in the cache. */
export const WINDOW_LENGTH = 8192;

/** Memory for so many values, and what becomes of them. */
export interface Windows {
  readonly values: Float32Array;
  /** What encoding has left out so far. */
  readonly lost: Float32Array;
  readonly wire: Uint8Array;
}

/** Functions of a codec, which work in windows of their own; `length`: values, in whole turns of the codec's kernels. */
export interface CodecFunctions {
  readonly windows: Windows;
  /** values += lost, lost := 0 */
  readonly carry: (length: number) => void;
  /** wire := values */
  readonly encode: (length: number) => void;
  /** values := wire */
  readonly decode: (length: number) => void;
  /** values += wire */
  readonly add: (length: number) => void;
  /** lost += values − wire, where that is finite. */
  readonly lose: (length: number) => void;
}

const FLOAT_BYTES = 4;
const PAGE_BYTES = 65_536;
const VALUES = 0;
const LOST = VALUES + WINDOW_LENGTH * FLOAT_BYTES;
const WIRE = LOST + WINDOW_LENGTH * FLOAT_BYTES;

const memoryBytes = ({ wireBytes }: Codec): number =>
  WIRE + wireBytes(WINDOW_LENGTH);

const windowsIn = (memory: ArrayBuffer): Windows => ({
  values: new Float32Array(memory, VALUES, WINDOW_LENGTH),
  lost: new Float32Array(memory, LOST, WINDOW_LENGTH),
  wire: new Uint8Array(memory, WIRE),
});

type WasmFunction = (
  values: number,
  wire: number,
  turns: number,
  lost: number,
) => void;

/** TypeScript has it in its library for browsers only. */
interface Wasm {
  readonly Memory: new (descriptor: { initial: number }) => {
    readonly buffer: ArrayBuffer;
  };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: unknown,
  ) => { readonly exports: Readonly<Record<string, WasmFunction>> };
  readonly validate: (bytes: Uint8Array) => boolean;
}

/** Assembled from codecs-source.ts when this package is built. */
const ASSEMBLED = join(__dirname, "../../dist/compression/codecs.wasm");

/** With SIMD; null where V8 has no WebAssembly (`node --jitless`), or the processor no instructions for it. */
export function simdFunctions(codec: Codec): CodecFunctions | null {
  const { WebAssembly: wasm } = globalThis as { WebAssembly?: Wasm };
  const bytes = readFileSync(ASSEMBLED);
  if (!wasm?.validate(bytes)) return null;
  const memory = new wasm.Memory({
    initial: Math.ceil(memoryBytes(codec) / PAGE_BYTES),
  });
  const instance = new wasm.Instance(new wasm.Module(bytes), {
    codecs: { memory },
  });
  const kernel = (name: string): ((length: number) => void) => {
    const run = instance.exports[`${name}_${codec.name}`]!;
    return (length) => run(VALUES, WIRE, length / codec.kernels.length, LOST);
  };
  return {
    windows: windowsIn(memory.buffer),
    carry: kernel("carry"),
    encode: kernel("encode"),
    decode: kernel("decode"),
    add: kernel("add"),
    lose: kernel("lose"),
  };
}

/** As the codec is defined. */
export function plainFunctions(codec: Codec): CodecFunctions {
  const windows = windowsIn(new ArrayBuffer(memoryBytes(codec)));
  const { values, lost, wire } = windows;
  const decoded = new Float32Array(WINDOW_LENGTH);
  const decode = (target: Float32Array, length: number): void =>
    codec.decode(wire, target.subarray(0, length));
  return {
    windows,
    carry(length) {
      for (let i = 0; i < length; i++) values[i]! += lost[i]!;
      lost.fill(0, 0, length);
    },
    encode: (length) => codec.encode(values.subarray(0, length), wire),
    decode: (length) => decode(values, length),
    add(length) {
      decode(decoded, length);
      for (let i = 0; i < length; i++) values[i]! += decoded[i]!;
    },
    lose(length) {
      decode(decoded, length);
      for (let i = 0; i < length; i++) {
        const difference = Math.fround(values[i]! - decoded[i]!);
        if (Number.isFinite(difference)) lost[i]! += difference;
      }
    },
  };
}
