import type { AlgorithmOf, Collective } from "./algorithm";
import { algorithmNamed, type Wanted } from "./registry";
import { select, type SelectCall } from "./select";

/** Algorithms that the user forces, by collective; `auto` and what is left out are chosen here. */
export type Forced = {
  readonly [Which in Collective]?: Wanted<Which>;
};

export type Run = {
  readonly [Which in Collective]: AlgorithmOf<Which>["run"];
};

/** What is known of a call before it begins, the same on every rank. */
export interface CallFacts {
  readonly size: number;
  /** Of the buffer or block; null where ranks differ in it. */
  readonly bytes: number | null;
  readonly needsRankOrder: boolean;
  readonly forced: Forced;
}

export function runOf<Which extends Collective>(
  collective: Which,
  { forced, ...facts }: CallFacts,
): Run[Which] {
  const wanted = forced[collective] ?? "auto";
  const call = { ...facts, wanted } as unknown as SelectCall<Which>;
  const { name } = select(collective, call);
  return algorithmNamed(collective, name).run;
}
