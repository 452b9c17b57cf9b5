/** `i32.const`, and a number in LEB128 that takes three bytes. */
const I32_CONST = 0x41;
const threeBytes = (value: number): readonly number[] => [
  (value & 127) | 128,
  ((value >> 7) & 127) | 128,
  value >> 14,
];

/** How often pthreadpool looks for work, or for the end of it, before it sleeps: compiled in. */
const SPINS = 1_000_000;
const FEWER_SPINS = 20_000;

/** The waits of pthreadpool: for a command, and for the other threads in two places. */
const WAITS = 3;

/**
 * The library with shorter spins, in place. A million turns are longer than what lies between two matrix products, so that a thread
 * without work never sleeps; where it shares its core with anybody, it keeps the core from those it waits for: mlp
 * 784-512-256-10 takes 32 ms a step instead of 16 if one of two cores is busy. A library that is not as expected stays as it is.
 */
export function shortenSpin(library: Buffer): Buffer {
  const spins = Buffer.from([I32_CONST, ...threeBytes(SPINS)]);
  const places: number[] = [];
  for (
    let at = library.indexOf(spins);
    at !== -1;
    at = library.indexOf(spins, at + 1)
  )
    places.push(at);
  if (places.length === WAITS)
    for (const at of places) library.set(threeBytes(FEWER_SPINS), at + 1);
  return library;
}
