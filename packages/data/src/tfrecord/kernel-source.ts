/**
 * What all bytes of a TFRecord go through, as WebAssembly, in its text format. Assembled when the package is built.
 *
 * CRC-32C: 16 bytes a turn ("slicing"), each looked up in a table of its own. The tables lie at the beginning of the memory that it
 * is given, 256 words each: table t is what a byte becomes when t bytes follow it.
 *
 * Source: Kounavis and Berry, IEEE Trans. Comput. 57(11), 2008. doi:10.1109/TC.2008.85
 */

/** Bytes of a turn, and tables. */
export const SLICES = 16;
export const TABLE_BYTES = 256 * 4;

/** What byte `k` of the 8 in `word` becomes, looked up in table `t`. */
function lookUp(t: number, word: string, k: number): string {
  // The byte times 4, which is where its word lies in the table.
  const low =
    k === 0
      ? `(i64.shl ${word} (i64.const 2))`
      : `(i64.shr_u ${word} (i64.const ${8 * k - 2}))`;
  return `(i32.load offset=${t * TABLE_BYTES} (i32.and (i32.wrap_i64 ${low}) (i32.const 1020)))`;
}

function xor(terms: readonly string[]): string {
  if (terms.length === 1) return terms[0]!;
  const half = terms.length >> 1;
  return `(i32.xor ${xor(terms.slice(0, half))} ${xor(terms.slice(half))})`;
}

const eight = (word: string, last: number): string[] =>
  Array.from({ length: 8 }, (_, k) => lookUp(last - k, word, k));

const loop = (bytes: number, body: string): string => `
    (block $done (loop $next
      (br_if $done (i32.lt_u (i32.sub (local.get $end) (local.get $at)) (i32.const ${bytes})))
      ${body}
      (local.set $at (i32.add (local.get $at) (i32.const ${bytes})))
      (br $next)))`;

/** Of 32-bit floats: NaN and the infinities have all of these bits, and this more makes the sign of those alone. */
const EXPONENT = 0x7f80_0000;
const LAST_OF_IT = 0x0080_0000;

/**
 * `update`: what the checksum `$crc` becomes by the bytes from `$at` to `$end` (exclusive); neither inverted before nor after.
 * `areFinite`: whether the 32-bit floats there, anywhere, are all numbers.
 */
export const kernelSource = (): string => `(module
  (import "tfrecord" "memory" (memory 1))
  (func (export "update") (param $crc i32) (param $at i32) (param $end i32) (result i32)
    (local $low i64) (local $high i64)
    ${loop(
      SLICES,
      `(local.set $low (i64.xor (i64.load (local.get $at)) (i64.extend_i32_u (local.get $crc))))
      (local.set $high (i64.load offset=8 (local.get $at)))
      (local.set $crc ${xor([
        // What was loaded last is looked up first: the checksum of the turn before is waited for at the end.
        ...eight("(local.get $high)", 7),
        ...eight("(local.get $low)", 15),
      ])})`,
    )}
    ${loop(
      1,
      `(local.set $crc (i32.xor
        ${lookUp(0, "(i64.extend_i32_u (i32.xor (local.get $crc) (i32.load8_u (local.get $at))))", 0)}
        (i32.shr_u (local.get $crc) (i32.const 8))))`,
    )}
    (local.get $crc))
  (func (export "areFinite") (param $at i32) (param $end i32) (result i32)
    (local $found v128) (local $last i32)
    ${loop(
      16,
      `(local.set $found (v128.or (local.get $found)
        (i32x4.add (v128.and (v128.load align=1 (local.get $at)) (i32x4.splat (i32.const ${EXPONENT}))) (i32x4.splat (i32.const ${LAST_OF_IT})))))`,
    )}
    ${loop(
      4,
      `(local.set $last (i32.or (local.get $last)
        (i32.add (i32.and (i32.load align=1 (local.get $at)) (i32.const ${EXPONENT})) (i32.const ${LAST_OF_IT}))))`,
    )}
    (i32.eqz (i32.or (i32x4.bitmask (local.get $found)) (i32.lt_s (local.get $last) (i32.const 0))))))
`;
