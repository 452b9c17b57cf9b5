import type { Machine } from "./machine.ts";

/** What all rounds have measured; lies in peers.json, so that tables and plots can be drawn again. */
export interface Results {
  /** `2026-11-21` */
  readonly date: string;
  /** Measures the same again. */
  readonly command: string;
  readonly machine: Machine;
  /** Medians of the runs of a round. */
  readonly allreduceMs: readonly Series<Allreduce>[];
  readonly samplesPerS: readonly Series<Step>[];
  /** All-reduces over hosts; left out in results that are older. */
  readonly hostsMs?: readonly Series<OnHosts>[];
}

/** An all-reduce over hosts that are network namespaces. */
export interface OnHosts {
  readonly peer: "tsmpi" | "gloo";
  readonly buffers: Buffers;
  readonly bytes: number;
}

/** One way to make an all-reduce, at one size. */
export interface Allreduce {
  readonly peer: "tsmpi" | "gloo" | "openmpi";
  readonly transport: Transport;
  /** The peers' are ordinary. */
  readonly buffers: Buffers;
  readonly ranks: number;
  readonly bytes: number;
}

export const TRANSPORTS = ["shm", "tcp"] as const;
export type Transport = (typeof TRANSPORTS)[number];

export const BUFFERS = ["arena", "ordinary"] as const;
export type Buffers = (typeof BUFFERS)[number];

/** The training step of one model. */
export interface Step {
  readonly peer: "tsmpi" | "ddp";
  readonly model: string;
  readonly ranks: number;
}

/** One figure, with its value in each round. */
export type Series<Key> = Key & { readonly rounds: readonly number[] };

const isOf = <Key extends object>(series: Key, key: Key): boolean =>
  (Object.keys(key) as (keyof Key)[]).every(
    (name) => series[name] === key[name],
  );

/** The values of one figure; none where it was not measured. */
export const roundsOf = <Key extends object>(
  list: readonly Series<Key>[],
  key: Key,
): readonly number[] =>
  list.find((series) => isOf<Key>(series, key))?.rounds ?? [];

/** The list with the value of one more round. */
export const withRound = <Key extends object>(
  list: readonly Series<Key>[],
  key: Key,
  value: number,
): Series<Key>[] => {
  const rounds = [...roundsOf(list, key), value];
  const others = list.filter((series) => !isOf<Key>(series, key));
  return [...others, { ...key, rounds }];
};

/** Every value that a key takes in a list, in ascending order. */
export const valuesOf = <Key extends object, Name extends keyof Key>(
  list: readonly Key[],
  name: Name,
): Key[Name][] =>
  [...new Set(list.map((one) => one[name]))].sort((a, b) => (a < b ? -1 : 1));
