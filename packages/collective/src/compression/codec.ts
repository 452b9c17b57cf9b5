/** A statement of WebAssembly text that takes a vector of four values of a turn; `offset`: bytes of float32 before them. */
export type Take = (values: string, offset: number) => string;

/**
 * The same as `encode` and `decode` in WebAssembly text, a turn of `length` values at a time. Statements may use the locals
 * `$a $b $c $d $z $m $low $high` (v128), `$i` (i32) and `$x` (f32), and the addresses `$values` and `$wire` of their turn; `$b` does
 * not outlive a `take`.
 */
export interface CodecKernels {
  /** Values of a turn: a multiple of `blockLength` and of 4. */
  readonly length: number;
  readonly encode: string;
  readonly decode: (take: Take) => string;
}

/**
 * How float32 values look on the wire. Deterministic; what has been decoded is encoded without loss, so that whoever encodes
 * knows what all others will see. A value that is not finite, or cannot be held, is not finite behind `decode` either.
 */
export interface Codec<Name extends string = string> {
  readonly name: Name;
  /** Values that are encoded together; the last block may be shorter. */
  readonly blockLength: number;
  readonly wireBytes: (values: number) => number;
  /** The definition, in plain words. @param wire aligned to 4 bytes */
  readonly encode: (values: Float32Array, wire: Uint8Array) => void;
  readonly decode: (wire: Uint8Array, values: Float32Array) => void;
  readonly kernels: CodecKernels;
}

export const defineCodec = <Name extends string>(
  codec: Codec<Name>,
): Codec<Name> => codec;
