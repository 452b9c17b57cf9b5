import { parserFor } from "./flags";

export interface HelpOptions {
  /** Name and summary of each subcommand. */
  readonly subcommands: readonly (readonly [name: string, summary: string])[];
}

export function helpText({ subcommands }: HelpOptions): Promise<string> {
  const parser = parserFor([])
    .scriptName("tsrun")
    .usage(
      [
        "tsrun starts a TypeScript or JavaScript program as several ranks of one MPI job.",
        "",
        "  tsrun [flags] program.ts [arguments of the program]",
        "  tsrun -n 1 a.ts : -n 3 b.ts      several programs, ranks numbered through",
      ].join("\n"),
    )
    .updateStrings({ "Options:": "Flags (mpirun's names and meaning):" })
    .epilogue(
      [
        ...(subcommands.length > 0 ? ["Subcommands:"] : []),
        ...subcommands.map(
          ([name, summary]) => `  tsrun ${name.padEnd(12)} ${summary}`,
        ),
        ...(subcommands.length > 0 ? [""] : []),
        "Examples:",
        "  tsrun -n 4 train.ts                      four ranks on this machine",
        "  tsrun -n 4 --tag-output train.ts --lr 1  each line names its rank; --lr goes to the program",
        "  tsrun -n 2 -x SEED=7 --dry-run train.ts  what would be started, with its environment",
      ].join("\n"),
    )
    .wrap(100);
  return parser.getHelp().then(withoutTypes);
}

/** What type a flag has, its description says. */
export const withoutTypes = (help: string): string =>
  help.replaceAll(/ *\[(?:string|boolean)\]$/gm, "");
