import { permutation, type RandomStream } from "@tsmpi/data";
import { onEngineLoaded } from "@tsmpi/engine";

/**
 * TensorFlow.js draws dropout masks and noise that have no seed of their own from `Math.random`; while `body` runs, they come
 * from `stream`. `body` is synchronous.
 */
export function withRandom<T>(stream: RandomStream, body: () => T): T {
  const { random } = Math;
  Math.random = stream;
  try {
    return body();
  } finally {
    Math.random = random;
  }
}

let ordering: RandomStream | null = null;

/**
 * The next time that `fit` orders its rows, it takes the order that `stream` gives; null: no order is expected any more. `fit`
 * itself goes on from the order of the epoch before, so that an epoch could not be repeated alone.
 */
export const orderFrom = (stream: RandomStream | null): void =>
  void (ordering = stream);

onEngineLoaded(({ tf: { util } }) => {
  const { shuffle } = util;
  util.shuffle = (array) => {
    if (ordering === null || !isOrder(array)) return shuffle(array);
    permutation(array.length, ordering).forEach((row, i) => (array[i] = row));
    ordering = null;
  };
});

/** Whether it holds the numbers from 0 to below its length, as the rows of `fit`; programs shuffle other things. */
const isOrder = (array: ArrayLike<unknown>): array is number[] =>
  Float64Array.from(array as ArrayLike<number>)
    .sort()
    .every((value, i) => value === i);
