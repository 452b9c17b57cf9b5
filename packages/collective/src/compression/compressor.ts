import { MismatchError } from "@tsmpi/protocol";
import type { Codec } from "./codec";
import {
  type CodecFunctions,
  plainFunctions,
  simdFunctions,
  WINDOW_LENGTH,
} from "./codec-kernels";
import { codecNamed, type Compression } from "./registry";

/** Encodes and decodes values that may lie anywhere, window by window. */
export class Compressor {
  readonly #functions: CodecFunctions;

  constructor(
    readonly codec: Codec,
    functions: CodecFunctions = simdFunctions(codec) ?? plainFunctions(codec),
  ) {
    this.#functions = functions;
  }

  /**
   * The values as they go over the wire, in memory of the caller's.
   *
   * @param lost as many; what the encoding has left out is added to it
   */
  encode(values: Float32Array, lost: Float32Array | null = null): Uint8Array {
    return this.#encode(values, lost, false);
  }

  /** The sums of values and residuals; the residuals are then what the encoding of these has left out. */
  encodeSums(values: Float32Array, residuals: Float32Array): Uint8Array {
    return this.#encode(values, residuals, true);
  }

  #encode(
    values: Float32Array,
    lost: Float32Array | null,
    carries: boolean,
  ): Uint8Array {
    const { windows, ...functions } = this.#functions;
    const encoded = Buffer.allocUnsafeSlow(this.codec.wireBytes(values.length));
    this.#forEachWindow(values.length, ({ start, end, turns, from, to }) => {
      windows.values.set(values.subarray(start, end));
      windows.values.fill(0, end - start, turns);
      if (lost) windows.lost.set(lost.subarray(start, end));
      if (lost) windows.lost.fill(0, end - start, turns);
      if (carries) functions.carry(turns);
      functions.encode(turns);
      encoded.set(windows.wire.subarray(0, to - from), from);
      if (lost === null) return;
      functions.lose(turns);
      lost.set(windows.lost.subarray(0, end - start), start);
    });
    return encoded;
  }

  /** @throws {MismatchError} these are not so many values */
  decode(encoded: Uint8Array, values: Float32Array): void {
    const { windows, decode } = this.#functions;
    this.#assertLength(encoded, values);
    this.#forEachWindow(values.length, ({ start, end, turns, from, to }) => {
      windows.wire.set(encoded.subarray(from, to));
      decode(turns);
      values.set(windows.values.subarray(0, end - start), start);
    });
  }

  /** Adds what has been encoded to the values. @throws {MismatchError} these are not so many values */
  add(encoded: Uint8Array, values: Float32Array): void {
    const { windows, add } = this.#functions;
    this.#assertLength(encoded, values);
    this.#forEachWindow(values.length, ({ start, end, turns, from, to }) => {
      windows.wire.set(encoded.subarray(from, to));
      windows.values.set(values.subarray(start, end));
      add(turns);
      values.set(windows.values.subarray(0, end - start), start);
    });
  }

  #forEachWindow(
    length: number,
    work: (window: {
      /** Of values. */
      readonly start: number;
      readonly end: number;
      /** Values, in whole turns of the kernels. */
      readonly turns: number;
      /** Bytes of the wire. */
      readonly from: number;
      readonly to: number;
    }) => void,
  ): void {
    const { wireBytes, kernels } = this.codec;
    for (let start = 0; start < length; start += WINDOW_LENGTH) {
      const end = Math.min(start + WINDOW_LENGTH, length);
      const turns = Math.ceil((end - start) / kernels.length) * kernels.length;
      work({ start, end, turns, from: wireBytes(start), to: wireBytes(end) });
    }
  }

  #assertLength({ byteLength }: Uint8Array, values: Float32Array): void {
    const { name, wireBytes } = this.codec;
    const expected = wireBytes(values.length);
    if (byteLength !== expected)
      throw new MismatchError(
        `a peer sent ${byteLength} bytes of ${name} where ${expected} were expected`,
      );
  }
}

const compressors = new Map<Compression, Compressor>();

/** One a thread: compiled when it is first needed, which takes a few milliseconds. */
export function compressorFor(name: Compression): Compressor {
  let compressor = compressors.get(name);
  if (compressor === undefined) {
    compressor = new Compressor(codecNamed(name));
    compressors.set(name, compressor);
  }
  return compressor;
}
