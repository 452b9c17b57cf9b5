import { dataHelp } from "../data/help";
import { optionAsFlag } from "../data/option-flags";
import { SUBCOMMANDS } from "../data/subcommands";
import { checkName } from "../check-name";
import { readFlags } from "../read-flags";
import type { Command } from "../command";

/** What there is to do with the files of a dataset, without a program. */
export const command: Command = {
  summary: "inspect, convert, verify, count up and fetch the files of datasets",
  async run([word, ...argv]) {
    if (word === undefined || word === "--help") {
      process.stdout.write((await dataHelp()) + "\n");
      return 0;
    }
    const names = Object.keys(SUBCOMMANDS) as (keyof typeof SUBCOMMANDS)[];
    const name = checkName("subcommand of tsrun data", word, names);
    const { command } = await SUBCOMMANDS[name]();
    const { flags } = command;
    const given = readFlags(argv, {
      ...{ flags, haltAtWord: false, command: `tsrun data ${name}` },
    });
    if (!given.flag("help")) {
      const { sayOptionsAs } = await import("@tsmpi/data");
      sayOptionsAs(optionAsFlag);
      return command.run(given);
    }
    process.stdout.write((await dataHelp(name)) + "\n");
    return 0;
  },
};
