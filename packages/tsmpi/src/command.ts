/** What a subcommand of `tsrun` is. Its file loads only when it is called, or for `--help`. */
export interface Command {
  /** One line, for `tsrun --help`. */
  readonly summary: string;
  /**
   * @param argv what follows the name of the subcommand
   * @param subcommands all there are, for help and for suggestions
   * @returns the exit code
   * @throws {TsmpiError} printed as one line; exit code 2 for a usage error, else 1
   */
  run(argv: readonly string[], subcommands: Subcommands): Promise<number>;
}

/** By name, each loaded on use. */
export type Subcommands = Readonly<
  Record<string, () => Promise<{ readonly command: Command }>>
>;
