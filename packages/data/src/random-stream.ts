import { alea } from "seedrandom";

/** Numbers from 0 to below 1, as `Math.random` gives them. */
export type RandomStream = () => number;

/** A stream of its own for each list of parts: the same numbers for the same parts, on every machine. */
export const randomStream = (
  ...parts: readonly (string | number)[]
): RandomStream => alea(parts.join("/"));
