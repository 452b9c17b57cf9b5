import { onEngineLoaded } from "@tsmpi/engine";
import { alea } from "seedrandom";

/** Numbers from 0 to below 1, as `Math.random` gives them. */
export type RandomStream = () => number;

/** A stream of its own for each list of parts: the same numbers for the same parts, on every machine. */
export const randomStream = (
  ...parts: readonly (string | number)[]
): RandomStream => alea(parts.join("/"));

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

let shuffling: RandomStream | null = null;

/** The next `tf.util.shuffle`, which is how `fit` orders its rows at the start of an epoch, draws from `stream`. */
export const shuffleFrom = (stream: RandomStream | null): void =>
  void (shuffling = stream);

onEngineLoaded(({ tf: { util } }) => {
  const { shuffle } = util;
  util.shuffle = (array) => {
    if (shuffling === null) shuffle(array);
    else withRandom(shuffling, () => shuffle(array));
    shuffling = null;
  };
});
