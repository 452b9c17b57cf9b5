import yargs, { type InferredOptionTypes, type Options } from "yargs";
import { nearest } from "@tsmpi/protocol";
import { dashed } from "./flags";
import { UsageError } from "./usage-error";

export interface SubcommandDescription<
  Flags extends Readonly<Record<string, Options>>,
> {
  readonly name: string;
  /** A sentence or two, for `--help`. */
  readonly summary: string;
  readonly options: Flags;
}

/** Reads the flags of a subcommand that takes nothing else; `--help` is printed. */
export const subcommandParser =
  <Flags extends Readonly<Record<string, Options>>>({
    name,
    summary,
    options,
  }: SubcommandDescription<Flags>) =>
  async (
    argv: readonly string[],
  ): Promise<InferredOptionTypes<Flags> | "help"> => {
    const parser = yargs([...argv])
      .scriptName(`tsrun ${name}`)
      .usage(`tsrun ${name} [flags]\n\n${summary}`)
      .options(options)
      .parserConfiguration({ "boolean-negation": false })
      .exitProcess(false)
      .version(false)
      .help(false)
      .wrap(100);
    const { _, $0: _0, help, ...values } = parser.parseSync();
    if (help) {
      process.stdout.write((await parser.getHelp()) + "\n");
      return "help";
    }
    const known = [...Object.keys(options), "help"];
    for (const key of Object.keys(values))
      if (!known.includes(key)) {
        const near = nearest(key, known);
        throw new UsageError(
          `unknown flag ${dashed(key)}; ${near === null ? `tsrun ${name} --help lists the flags there are` : `did you mean ${dashed(near)}?`}`,
        );
      }
    if (_.length > 0)
      throw new UsageError(
        `tsrun ${name} takes flags only, and "${_[0]}" is none`,
      );
    for (const [key, value] of Object.entries(values))
      if (value === "" || (Array.isArray(value) && value.length === 0))
        throw new UsageError(`${dashed(key)} needs a value`);
    // The last one wins, as everywhere.
    const single = Object.entries(values).map(([key, value]) => [
      key,
      Array.isArray(value) && !options[key]?.array
        ? (value as unknown[]).at(-1)
        : value,
    ]);
    return Object.fromEntries(single) as InferredOptionTypes<Flags>;
  };
