import type { Flags } from "../flags";
import type { GivenFlags } from "../read-flags";
import type { Team } from "./team";

/** A subcommand of `tsrun data`. Its file loads only when it is called, or for help. */
export interface DataCommand {
  /** One line, for help. */
  readonly summary: string;
  /** What follows its name: `IN OUT [flags]`. */
  readonly usage: string;
  /** Whole command lines, with what each is for. */
  readonly examples: readonly (readonly [line: string, meaning: string])[];
  readonly flags: Flags;
  /**
   * @returns the exit code
   * @throws {TsmpiError} printed as one line; exit code 2 for a usage error, else 1
   */
  run(given: GivenFlags): Promise<number>;
}

/**
 * What each rank does of a subcommand that runs on several, or the only process of one that does not. Task and result are plain
 * data.
 */
export type Work<Task, Part> = (task: Task, team: Team) => Promise<Part>;

/** By name, each loaded on use. */
export type DataCommands = Readonly<
  Record<
    string,
    () => Promise<{
      readonly command: DataCommand;
      /** Of those that take `-n`. */
      readonly work?: Work<never, unknown>;
    }>
  >
>;
