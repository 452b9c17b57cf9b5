import { readFileSync } from "node:fs";
import { join } from "node:path";
import { helpText } from "../help";
import { parseRun } from "../parse";
import { checkNames } from "../prepare";
import { runProgram } from "../run-program";
import type { Command, Subcommands } from "../command";

/** The default: starts a program as the ranks of a job, and ends with the job's exit code. */
export const command: Command = {
  summary: "start a program (the default: the word may be left out)",
  async run(argv, subcommands) {
    if (argv.length === 0) return showHelp(subcommands);
    const options = parseRun(argv);
    if (options === "help") return showHelp(subcommands);
    if (options === "version") return showVersion();
    await checkNames(options);
    return runProgram(options, Object.keys(subcommands));
  },
};

async function showHelp(all: Subcommands): Promise<number> {
  const subcommands = await Promise.all(
    Object.entries(all).map(
      async ([name, load]) => [name, (await load()).command.summary] as const,
    ),
  );
  process.stdout.write((await helpText({ subcommands })) + "\n");
  return 0;
}

function showVersion(): number {
  const { version } = JSON.parse(
    readFileSync(join(__dirname, "../../package.json"), "utf8"),
  ) as { version: string };
  process.stdout.write(`tsrun (tsmpi) ${version}\n`);
  return 0;
}
