import { constants } from "node:os";

/** Exit codes of `tsrun`: the shell's, and Open MPI's for a job that ran out of time. */
export const EXIT_USAGE = 2;
export const EXIT_TIMEOUT = 110;

/** What a shell calls the end by a signal: 128 + its number, so 139 for SIGSEGV. */
export const exitCodeOfSignal = (signal: NodeJS.Signals): number =>
  128 + constants.signals[signal];

/** The exit code of a process as a shell would give it. A process has one or the other. */
export const exitCodeOf = (end: {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}): number =>
  end.signal === null ? (end.code ?? 1) : exitCodeOfSignal(end.signal);
