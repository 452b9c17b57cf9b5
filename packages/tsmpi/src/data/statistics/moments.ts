/** Of numbers: how many, their bounds, mean, and sum of squared distances from it. Plain data. */
export interface Moments {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly squares: number;
}

export const NO_MOMENTS: Moments = {
  ...{ count: 0, min: Infinity, max: -Infinity, mean: 0, squares: 0 },
};

/** @param numbers all finite */
export function momentsOf(numbers: ArrayLike<number>): Moments {
  const count = numbers.length;
  if (count === 0) return NO_MOMENTS;
  let [min, max, sum, squares] = [Infinity, -Infinity, 0, 0];
  for (let i = 0; i < count; i++) {
    const number = numbers[i]!;
    sum += number;
    if (number < min) min = number;
    if (number > max) max = number;
  }
  const mean = sum / count;
  for (let i = 0; i < count; i++) squares += (numbers[i]! - mean) ** 2;
  return { count, min, max, mean, squares };
}

/**
 * Those of all numbers of both.
 *
 * Source: Chan, Golub and LeVeque, The American Statistician 37(3), 1983. doi:10.1080/00031305.1983.10483115
 */
export function joinMoments(a: Moments, b: Moments): Moments {
  if (a.count === 0 || b.count === 0) return a.count === 0 ? b : a;
  const count = a.count + b.count;
  const apart = b.mean - a.mean;
  return {
    count,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    mean: a.mean + (apart * b.count) / count,
    squares: a.squares + b.squares + (apart ** 2 * a.count * b.count) / count,
  };
}

/** Of the numbers as a population. */
export const deviationOf = ({ count, squares }: Moments): number =>
  count === 0 ? 0 : Math.sqrt(squares / count);
