/**
 * 32 bits, each of which depends on all bits of `bits`.
 *
 * Source: the finalizer of MurmurHash3, Austin Appleby, public domain.
 */
export function mixed(bits: number): number {
  let hash = bits;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
