// Counts primes on whichever rank is free:  npx tsrun -n 4 examples/primes.ts
import { MPI, RankPool } from "tsmpi";

export function countPrimes(from: number, to: number): number {
  let count = 0;
  for (let n = Math.max(2, from); n < to; n++) {
    let divisor = 2;
    while (divisor * divisor <= n && n % divisor !== 0) divisor++;
    if (divisor * divisor > n) count++;
  }
  return count;
}

const range = 10_000;
const starts = Array.from({ length: 50 }, (_, i) => i * range);
const ends = starts.map((start) => start + range);

// Rank 0 has the pool; the others run its tasks until it has ended.
await RankPool.over(MPI.COMM_WORLD, 0, async (pool) => {
  let primes = 0;
  for await (const count of pool.map(countPrimes, starts, ends, {
    unordered: true,
  }))
    primes += count;
  console.log(
    `${primes} primes below ${ends.at(-1)}, counted by ${pool.numWorkers} workers`,
  );
});
