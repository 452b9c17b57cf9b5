import {
  type Collective,
  COLLECTIVES,
  type Forced,
  wantedNamed,
} from "@tsmpi/collective";
import {
  InfoKeyError,
  InfoValueError,
  registeredName,
  type UnknownNameError,
} from "@tsmpi/protocol";
import { type Info, INFO_NULL } from "../info";

const PREFIX = "tsmpi_algorithm_";

/** `reduceScatter` → `tsmpi_algorithm_reduce_scatter` */
export const algorithmKey = (collective: Collective): string =>
  PREFIX +
  collective.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/**
 * The algorithms that an info asks for: `tsmpi_algorithm_allreduce` = `ring`, a key for each collective. Other keys are other
 * people's; null if there is no info.
 *
 * @throws {InfoKeyError | InfoValueError} there is no such collective, or no such algorithm; lists those there are
 */
export function algorithmHints(info: Info | null): Forced | null {
  if (info === null || info === INFO_NULL) return null;
  const keys = COLLECTIVES.map(algorithmKey);
  for (const key of info.keys().filter((name) => name.startsWith(PREFIX)))
    orThrow(InfoKeyError, () => registeredName("hint", key, keys));
  return Object.fromEntries(
    COLLECTIVES.flatMap((collective) => {
      const key = algorithmKey(collective);
      const wanted = info.get(key);
      if (wanted === null) return [];
      const name = orThrow(InfoValueError, () =>
        wantedNamed(collective, wanted),
      );
      return [[collective, name]];
    }),
  );
}

/** @throws {InfoValueError} ranks ask for different algorithms, which would wait for each other's messages in vain */
export function assertSameHints(hints: readonly Forced[]): void {
  const texts = hints.map((forced) => JSON.stringify(forced));
  const other = texts.findIndex((text) => text !== texts[0]);
  if (other > 0)
    throw new InfoValueError(
      `the ranks ask for different algorithms: rank 0 for ${texts[0]}, rank ${other} for ${texts[other]}`,
    );
}

function orThrow<T>(
  errorClass: new (message: string, options: ErrorOptions) => Error,
  body: () => T,
): T {
  try {
    return body();
  } catch (error) {
    const { message } = error as UnknownNameError;
    throw new errorClass(message, { cause: error });
  }
}
