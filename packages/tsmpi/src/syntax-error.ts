import { spawnSync } from "node:child_process";

/**
 * Node keeps the place of a mistake in an ES module to itself: it prints file and line, but no property of the error has them.
 * So a second Node parses the program and the files it imports, without running any, and this reads what it prints.
 *
 * @returns `file:line`, the line, a mark below the mistake, and the message; null for any other error
 */
export function placeOfSyntaxError(
  error: unknown,
  program: string | undefined,
): string | null {
  if (!(error instanceof SyntaxError) || program === undefined) return null;
  const { message, stack = "" } = error;
  const unplaced =
    stack.startsWith("SyntaxError") && stack.includes("node:internal/modules");
  if (!unplaced) return null;
  const { stderr } = spawnSync(
    process.execPath,
    [
      "--experimental-vm-modules",
      "--no-warnings",
      "-e",
      PARSE_ALL,
      program,
      message,
    ],
    {
      encoding: "utf8",
      timeout: 5_000,
      env: { ...process.env, NODE_OPTIONS: "" },
    },
  );
  const [place] = (stderr ?? "").split(/\n +at /, 1);
  return place?.includes(message) ? place.trimEnd() : null;
}

/** Throws the mistake it looks for: only what Node prints of an uncaught error has its place. */
const PARSE_ALL = `
const { SourceTextModule } = require("node:vm");
const { readFileSync } = require("node:fs");
const { resolve, dirname } = require("node:path");
const [program, message] = process.argv.slice(1);
const files = [program];
for (const file of files) {
  let parsed;
  try {
    parsed = new SourceTextModule(readFileSync(file, "utf8"), { identifier: file });
  } catch (error) {
    if (error.message === message) throw error;
    continue;
  }
  for (const name of parsed.dependencySpecifiers ?? parsed.moduleRequests.map(({ specifier }) => specifier))
    if (/^[.]{0,2}[/]/.test(name)) {
      const next = resolve(dirname(file), name);
      if (!files.includes(next) && files.length < 500) files.push(next);
    }
}
`;
