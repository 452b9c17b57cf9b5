/**
 * The numbers 0 … length − 1 in a random order, every order as likely as any other.
 *
 * @param random draws from 0 to below 1
 *
 * Source: Fisher and Yates, as Algorithm P of Knuth, The Art of Computer Programming 2, 3.4.2.
 */
export function permutation(length: number, random: () => number): Int32Array {
  const order = Int32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const moved = order[i]!;
    order[i] = order[j]!;
    order[j] = moved;
  }
  return order;
}
