import { join } from "node:path";
import { benchHelp } from "../bench/help";
import { parseBench } from "../bench/parse";
import { checkNames } from "../prepare";
import { runProgram } from "../run-program";
import type { Command } from "../command";

/** Measures messages and collectives between the ranks of a job of its own. */
export const command: Command = {
  summary: "measure messages and collectives, algorithm by algorithm",
  async run(argv, subcommands) {
    const asked = argv.length === 0 ? "help" : parseBench(argv);
    if (asked === "help") {
      process.stdout.write((await benchHelp()) + "\n");
      return 0;
    }
    const { settings, jobs, ranks, variables } = asked;
    const script = join(__dirname, "../bench/program.js");
    for (const job of jobs) await checkNames(job);
    for (const [i, job] of jobs.entries()) {
      const args = [JSON.stringify({ ...settings, continues: i > 0 })];
      const programs = [{ ranks, variables, wdir: null, script, args }];
      const options = { ...job, programs, module: null };
      const exitCode = await runProgram(options, Object.keys(subcommands));
      if (exitCode !== 0) return exitCode;
    }
    return 0;
  },
};
