import { accessSync, constants, readdirSync, statSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import { nearest } from "@tsmpi/protocol";
import type { ProgramOptions } from "./options";
import { UsageError } from "./usage-error";

const TYPESCRIPT = [".ts", ".mts", ".cts", ".tsx"];
const JAVASCRIPT = [".js", ".mjs", ".cjs"];

export const isTypeScript = (script: string): boolean =>
  TYPESCRIPT.includes(extname(script));

export interface LocateOptions {
  /** Where `tsrun` was called. */
  readonly cwd: string;
  /** Suggested where a mistyped subcommand was taken for a program. */
  readonly subcommands: readonly string[];
}

/**
 * The program's file and the folder it runs in, both absolute, both there and readable. A relative name is looked up in
 * `--wdir` first, as mpirun does, then where `tsrun` was called.
 *
 * @throws {UsageError}
 */
export function locateProgram(
  { script, wdir }: ProgramOptions,
  { cwd, subcommands }: LocateOptions,
): { script: string; cwd: string } {
  const folder = resolve(cwd, wdir ?? ".");
  if (kindOf(folder) !== "folder")
    throw new UsageError(
      kindOf(folder) === "nothing"
        ? `--wdir ${wdir}: there is no such folder`
        : `--wdir ${wdir} is a file; give a folder`,
    );
  const candidates = [resolve(folder, script), resolve(cwd, script)];
  const file =
    candidates.find((path) => kindOf(path) !== "nothing") ?? candidates[0]!;
  switch (kindOf(file)) {
    case "nothing":
      throw notFound(script, file, subcommands);
    case "folder":
      throw new UsageError(
        `${script} is a folder; name the program in it, as in ${nearestProgram(file)}`,
      );
    case "file":
      break;
  }
  if (![...TYPESCRIPT, ...JAVASCRIPT].includes(extname(file)))
    throw new UsageError(
      `${script} is no TypeScript or JavaScript program; tsrun runs ${[...TYPESCRIPT, ...JAVASCRIPT].join(" ")}`,
    );
  try {
    accessSync(file, constants.R_OK);
  } catch {
    throw new UsageError(
      `${script} cannot be read; its permissions forbid it (chmod u+r ${script})`,
    );
  }
  return { script: file, cwd: folder };
}

function kindOf(path: string): "file" | "folder" | "nothing" {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return "nothing";
  return stats.isDirectory() ? "folder" : "file";
}

function notFound(
  script: string,
  file: string,
  subcommands: readonly string[],
): UsageError {
  const names = namesIn(dirname(file));
  const near = nearest(basename(file), names);
  if (near !== null) {
    const suggestion = script.slice(0, -basename(script).length) + near;
    return new UsageError(
      `there is no file ${script}; did you mean ${suggestion}?`,
    );
  }
  const word = /^[a-z-]+$/.test(script);
  const subcommand = word ? nearest(script, subcommands) : null;
  if (subcommand !== null)
    return new UsageError(
      `there is no subcommand ${script}; did you mean tsrun ${subcommand}?`,
    );
  return new UsageError(
    word
      ? `there is neither a subcommand nor a file ${script}; tsrun --help lists what there is`
      : `there is no file ${script} in ${dirname(file)}`,
  );
}

function nearestProgram(folder: string): string {
  const programs = namesIn(folder).filter((name) =>
    [...TYPESCRIPT, ...JAVASCRIPT].includes(extname(name)),
  );
  const main = ["index", "main"].flatMap((stem) =>
    programs.filter((name) => name.startsWith(`${stem}.`)),
  );
  return `${basename(folder)}/${main[0] ?? programs[0] ?? "train.ts"}`;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
