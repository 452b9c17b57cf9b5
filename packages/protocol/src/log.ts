import { EnvironmentError } from "./errors";

const LEVELS = ["debug", "info", "notice", "warn"] as const;
export type LogLevel = (typeof LEVELS)[number];

/** One line a message on stderr: `tsmpi warn [rank 2] text`. TSMPI_LOG sets the least level that is shown; default `notice`. */
export interface Log {
  debug(text: string): void;
  info(text: string): void;
  /** What everybody should know once, and nothing is wrong. */
  notice(text: string): void;
  warn(text: string): void;
}

export interface LogOptions {
  /** Who speaks: `rank 2`, `coordinator`, `tsrun`. */
  readonly where: string;
  readonly level: LogLevel;
  /** Takes a whole line with its line feed; must write at once, from any thread. */
  readonly write: (line: string) => void;
}

export function createLog({ where, level, write }: LogOptions): Log {
  const at = (own: LogLevel) =>
    LEVELS.indexOf(own) < LEVELS.indexOf(level)
      ? () => {}
      : (text: string) =>
          write(`tsmpi ${own} [${where}] ${text.replaceAll("\n", "\n  ")}\n`);
  return {
    debug: at("debug"),
    info: at("info"),
    notice: at("notice"),
    warn: at("warn"),
  };
}

export function readLogLevel(
  variables: Readonly<Record<string, string | undefined>>,
): LogLevel {
  const value = variables.TSMPI_LOG || "notice";
  const level = LEVELS.find((candidate) => candidate === value);
  if (level === undefined)
    throw new EnvironmentError(
      `TSMPI_LOG="${value}" must be one of: ${LEVELS.join(", ")}`,
    );
  return level;
}
