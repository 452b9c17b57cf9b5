import { registeredName } from "@tsmpi/protocol";
import {
  type AlgorithmOf,
  type AnyAlgorithm,
  type Collective,
  COLLECTIVES,
} from "./algorithm";
import * as algorithms from "./algorithms";

type Registered = (typeof algorithms)[keyof typeof algorithms];

/** Names of the algorithms of one collective that send messages, as the compiler knows them. */
export type AlgorithmName<Which extends Collective> =
  Names<"pointToPoint">[Which];

/** The name of the one that works in shared memory, if there is one. */
type DirectName<Which extends Collective> = Names<"sharedSegment">[Which];

/** The name of the one that is made of others, for ranks on several hosts, if there is one. */
export type GroupedName<Which extends Collective> = Names<"groups">[Which];

type Names<Needs extends Registered["needs"]> = {
  readonly [Which in Collective]: Extract<
    Registered,
    { readonly collective: Which; readonly needs: Needs }
  >["name"];
};

/** What a user may ask for: an algorithm, or that we choose. */
export type Wanted<Which extends Collective> =
  "auto" | AlgorithmName<Which> | DirectName<Which> | GroupedName<Which>;

const REGISTERED: readonly Registered[] = Object.values(algorithms);

/** Those that send messages. */
export const ALGORITHMS: readonly AnyAlgorithm[] = REGISTERED.flatMap(
  (algorithm) => (algorithm.needs === "pointToPoint" ? [algorithm] : []),
);

/** Collectives that can be made in shared memory. */
export const DIRECT: ReadonlySet<Collective> = new Set(
  REGISTERED.flatMap(({ needs, collective }) =>
    needs === "sharedSegment" ? [collective] : [],
  ),
);

/** Names of those that are made of others, for ranks on several hosts. */
const GROUPED = REGISTERED.flatMap(({ needs, collective, name }) =>
  needs === "groups" ? [{ collective, name }] : [],
);
type Grouped = Extract<Registered, { readonly needs: "groups" }>;

export const groupedNamed = (collective: Collective, name: string): Grouped =>
  REGISTERED.find(
    (algorithm) =>
      algorithm.needs === "groups" &&
      algorithm.collective === collective &&
      algorithm.name === name,
  ) as Grouped;
export const isGrouped = (collective: Collective, wanted: string): boolean =>
  GROUPED.some(
    (algorithm) =>
      algorithm.collective === collective && algorithm.name === wanted,
  );

export function algorithmsOf<Which extends Collective>(
  collective: Which,
): readonly AlgorithmOf<Which>[] {
  return ALGORITHMS.filter(
    (algorithm) => algorithm.collective === collective,
  ) as unknown as readonly AlgorithmOf<Which>[];
}

/** What may be asked for, `auto` first, by collective. */
export const ALGORITHM_NAMES = Object.fromEntries(
  COLLECTIVES.map((collective) => [
    collective,
    [
      "auto",
      ...algorithmsOf(collective).map(({ name }) => name),
      ...GROUPED.flatMap((algorithm) =>
        algorithm.collective === collective ? [algorithm.name] : [],
      ),
      ...(DIRECT.has(collective) ? ["direct"] : []),
    ],
  ]),
) as unknown as { readonly [Which in Collective]: readonly Wanted<Which>[] };

/**
 * What a user asks for, by name.
 *
 * @throws {UnknownNameError} lists the names there are
 */
export const wantedNamed = <Which extends Collective>(
  collective: Which,
  name: string,
): Wanted<Which> =>
  registeredName(`${collective} algorithm`, name, ALGORITHM_NAMES[collective]);

const keyOf = (collective: Collective, name: string): string =>
  `${collective} ${name}`;
const BY_NAME = new Map(
  ALGORITHMS.map((algorithm) => [
    keyOf(algorithm.collective, algorithm.name),
    algorithm,
  ]),
);

export const algorithmNamed = <Which extends Collective>(
  collective: Which,
  name: AlgorithmName<Which>,
): AlgorithmOf<Which> =>
  BY_NAME.get(keyOf(collective, name)) as unknown as AlgorithmOf<Which>;
