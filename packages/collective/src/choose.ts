import type { AlgorithmOf, Collective } from "./algorithm";
import { ALGORITHM_NAMES, algorithmNamed } from "./registry";
import { registeredName } from "@tsmpi/protocol";
import { select, type SelectCall } from "./select";

/** Algorithms that the user forces, by collective; `auto` and what is left out are chosen here. */
export type Forced = Readonly<Partial<Record<Collective, string>>>;

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

/** @throws {UnknownNameError} there is no such algorithm as the user forces */
export function runOf<Which extends Collective>(
  collective: Which,
  { forced, ...facts }: CallFacts,
): Run[Which] {
  const wanted = registeredName(
    `${collective} algorithm`,
    forced[collective] ?? "auto",
    ALGORITHM_NAMES[collective],
  );
  const call = { ...facts, wanted } as unknown as SelectCall<Which>;
  const { name } = select(collective, call);
  return algorithmNamed(collective, name).run;
}
