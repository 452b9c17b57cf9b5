import { nearest } from "@tsmpi/protocol";
import { dashed, type Flags, parserFor, type ParserOptions } from "./flags";
import { UsageError } from "./usage-error";

/** What yargs has understood of a command line. */
export class GivenFlags {
  constructor(
    private readonly values: Readonly<Record<string, unknown>>,
    readonly positional: readonly string[],
    private readonly flags: Flags,
  ) {}

  all(name: string): string[] {
    return [this.values[name] ?? []].flat().map(String);
  }

  given(name: string): boolean {
    return this.all(name).length > 0;
  }

  /** The last one wins, as everywhere. */
  text(name: string): string | null {
    const value = this.all(name).at(-1);
    if (value === "") throw needsValue(name, this.flags);
    return value ?? null;
  }

  flag(name: string): boolean {
    return this.all(name).at(-1) === "true";
  }

  seconds(name: string): number | null {
    const value = this.text(name);
    if (value === null) return null;
    const seconds = Number(value);
    if (!(seconds > 0) || !Number.isFinite(seconds))
      throw new UsageError(
        `--${name} "${value}" is not a number of seconds; give one above 0, as in ${this.flags[name]!.example}`,
      );
    return Math.max(1, Math.round(seconds * 1000));
  }
}

const needsValue = (name: string, flags: Flags) =>
  new UsageError(
    `${dashed(name)} needs a value, as in ${flags[name]!.example}`,
  );

/** How a command line is read. */
export interface ReadOptions extends ParserOptions {
  /** Whose `--help` lists the flags. */
  readonly command: string;
}

/** @throws {UsageError} a flag that there is not */
export function readFlags(
  argv: readonly string[],
  { command, ...options }: ReadOptions,
): GivenFlags {
  const { flags } = options;
  const { _, $0: _0, ...values } = parserFor(argv, options).parseSync();
  const known = Object.entries(flags).flatMap(([name, { alias }]) => [
    name,
    ...(alias ?? []),
  ]);
  for (const name of Object.keys(values))
    if (!known.includes(name))
      throw unknownFlag({ name, argv, known, command });
  return new GivenFlags(values, _.map(String), flags);
}

function unknownFlag({
  name,
  argv,
  known,
  command,
}: {
  readonly name: string;
  readonly argv: readonly string[];
  readonly known: readonly string[];
  readonly command: string;
}): UsageError {
  const count = /^np?(\d+)$/.exec(name)?.[1];
  const near = count === undefined ? nearest(name, known) : `n ${count}`;
  const typed =
    argv.find((word) => word.replace(/^--?|=.*$/gs, "") === name) ??
    dashed(name);
  return new UsageError(
    `unknown flag ${typed.replace(/=.*$/s, "")}; ${near === null ? `${command} --help lists the flags there are` : `did you mean ${near.startsWith("n ") ? `-${near}` : dashed(near)}?`}`,
  );
}
