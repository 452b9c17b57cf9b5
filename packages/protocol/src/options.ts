import { ArgumentError } from "./errors";

/** What an option may be. */
export interface Kind {
  /** What it must be, as the end of a sentence. */
  readonly words: string;
  readonly has: (value: unknown) => boolean;
  /** Of an object: what may be in it. */
  readonly fields?: KindsByName;
}

export type KindsByName = Readonly<Record<string, Kind>>;

/** Of each option. */
export type Kinds<Options> = {
  readonly [Name in keyof Required<Options>]: Kind;
};

/** Neither a list nor null. */
export const isObject = (
  value: unknown,
): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const BOOLEAN: Kind = {
  words: "true or false",
  has: (value) => typeof value === "boolean",
};

export const TEXT: Kind = {
  words: "a string",
  has: (value) => typeof value === "string",
};

export const FUNCTION: Kind = {
  words: "a function",
  has: (value) => typeof value === "function",
};

/** @param words such as `an object such as { by: "hash" }` */
export const objectOf = (words: string, fields?: KindsByName): Kind => ({
  ...{ words, has: isObject },
  ...(fields && { fields }),
});

/** A whole number, from `least` on where that is given. */
export const whole = (least: number | null = null): Kind => ({
  words: `a whole number${least === null ? "" : ` of at least ${least}`}`,
  has: (value) =>
    Number.isSafeInteger(value) && (value as number) >= (least ?? -Infinity),
});

export const oneOf = (values: readonly unknown[]): Kind => ({
  words: values.length === 1 ? shown(values[0]) : `one of ${values.join(", ")}`,
  has: (value) => values.includes(value),
});

/** @param words of the list */
export const listOf = (words: string, { has }: Kind): Kind => ({
  words,
  has: (value) => Array.isArray(value) && value.every(has),
});

export const either = (first: Kind, second: Kind): Kind => ({
  words: `${first.words}, or ${second.words}`,
  has: (value) => first.has(value) || second.has(value),
});

/**
 * @param where what takes the argument: `batch`
 * @throws {ArgumentError} names what takes it, the argument, what was given and what it must be
 */
export function checkArgument(
  where: string,
  name: string,
  value: unknown,
  { has, words }: Kind,
): void {
  if (has(value)) return;
  throw new ArgumentError(
    `${where}: ${name} is ${shown(value)}, and must be ${words}`,
  );
}

/**
 * Options that are undefined are not given.
 *
 * @param within of what they are options, with a dot behind it: `quality.`
 * @throws {ArgumentError} there is no such option, or it is none of its kind
 */
export function checkOptions(
  where: string,
  options: unknown,
  kinds: KindsByName,
  within = "",
): void {
  const names = Object.keys(kinds);
  const inWords = `an object of options: ${names.join(", ")}`;
  checkArgument(where, "the last argument", options, objectOf(inWords));
  for (const [name, value] of Object.entries(options as object)) {
    if (!Object.hasOwn(kinds, name))
      throw new ArgumentError(
        `${where} has no option ${within}${name}; ${within === "" ? "its options" : `those of ${within.slice(0, -1)}`} are ${names.join(", ")}`,
      );
    if (value === undefined) continue;
    const kind = kinds[name]!;
    checkArgument(where, `${within}${name}`, value, kind);
    if (kind.fields !== undefined && isObject(value))
      checkOptions(where, value, kind.fields, `${within}${name}.`);
  }
}

function shown(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return `${value}n`;
  return typeof value === "number"
    ? String(value)
    : (JSON.stringify(value) ?? String(value));
}
