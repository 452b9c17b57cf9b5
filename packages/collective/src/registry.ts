import { registeredName } from "@tsmpi/protocol";
import type { AlgorithmOf, AnyAlgorithm, Collective } from "./algorithm";
import * as algorithms from "./algorithms";

type Registered = (typeof algorithms)[keyof typeof algorithms];

/** Names of the algorithms of one collective, as the compiler knows them. */
export type AlgorithmName<Which extends Collective> = Extract<
  Registered,
  { readonly collective: Which }
>["name"];

export const ALGORITHMS: readonly AnyAlgorithm[] = Object.values(algorithms);

export function algorithmsOf<Which extends Collective>(
  collective: Which,
): readonly AlgorithmOf<Which>[] {
  return ALGORITHMS.filter(
    (algorithm) => algorithm.collective === collective,
  ) as unknown as readonly AlgorithmOf<Which>[];
}

/** What `--allreduce` takes. */
export const ALLREDUCE_NAMES = [
  "auto",
  ...algorithmsOf("allreduce").map(({ name }) => name),
] as readonly ("auto" | AlgorithmName<"allreduce">)[];

/** @throws {UnknownNameError} lists the names there are */
export function algorithmNamed<Which extends Collective>(
  collective: Which,
  name: string,
): AlgorithmOf<Which> {
  const candidates = algorithmsOf(collective);
  const known = registeredName(
    `${collective} algorithm`,
    name,
    candidates.map((candidate) => candidate.name),
  );
  return candidates.find((candidate) => candidate.name === known)!;
}
