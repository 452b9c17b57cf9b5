import { registeredName } from "@tsmpi/protocol";
import {
  type AlgorithmOf,
  type AnyAlgorithm,
  type Collective,
  COLLECTIVES,
} from "./algorithm";
import * as algorithms from "./algorithms";

type Registered = (typeof algorithms)[keyof typeof algorithms];

/** Names of the algorithms of one collective, as the compiler knows them. */
export type AlgorithmName<Which extends Collective> = Extract<
  Registered,
  { readonly collective: Which }
>["name"];

/** What a user may ask for: an algorithm, or that we choose. */
export type Wanted<Which extends Collective> = "auto" | AlgorithmName<Which>;

export const ALGORITHMS: readonly AnyAlgorithm[] = Object.values(algorithms);

export function algorithmsOf<Which extends Collective>(
  collective: Which,
): readonly AlgorithmOf<Which>[] {
  return ALGORITHMS.filter(
    (algorithm) => algorithm.collective === collective,
  ) as unknown as readonly AlgorithmOf<Which>[];
}

/** What may be asked for, `auto` first, by collective. */
export const ALGORITHM_NAMES = Object.fromEntries(
  (Object.keys(COLLECTIVES) as Collective[]).map((collective) => [
    collective,
    ["auto", ...algorithmsOf(collective).map(({ name }) => name)],
  ]),
) as unknown as { readonly [Which in Collective]: readonly Wanted<Which>[] };

/** What `--allreduce` takes. */
export const ALLREDUCE_NAMES = ALGORITHM_NAMES.allreduce;

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
