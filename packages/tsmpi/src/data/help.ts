import { parserFor } from "../flags";
import { withoutTypes } from "../help";
import type { DataCommand } from "./data-command";
import { SUBCOMMANDS } from "./subcommands";

/** That of `tsrun data`, or of one of its subcommands. */
export const dataHelp = (name?: keyof typeof SUBCOMMANDS): Promise<string> =>
  name === undefined ? ofAll() : ofOne(name);

async function ofAll(): Promise<string> {
  const { FORMATS, namesOfFiles } = await import("@tsmpi/data");
  const lines: string[] = [];
  for (const [name, load] of Object.entries(SUBCOMMANDS)) {
    const { summary } = (await load()).command;
    lines.push(`  tsrun data ${name.padEnd(9)} ${summary}`);
  }
  return [
    "tsrun data looks at the files of datasets and makes others of them. Several files may be named, folders, and",
    "wildcards: 'data/train-*.tfrecord'; .gz and .zst behind an extension are read and written in passing.",
    ...["", ...lines],
    ...["", "Formats (w: written, too):"],
    ...[...FORMATS.values()].map(
      (format) =>
        `  ${format.name.padEnd(10)} ${format.writing ? "w" : " "}  ${format.summary} (${namesOfFiles(format)})`,
    ),
    ...["", "tsrun data NAME --help lists the flags of one."],
  ].join("\n");
}

async function ofOne(name: keyof typeof SUBCOMMANDS): Promise<string> {
  const { command } = await SUBCOMMANDS[name]();
  const { summary, usage, flags, examples }: DataCommand = command;
  const width = Math.max(...examples.map(([line]) => line.length));
  const help = await parserFor([], { flags, haltAtWord: false })
    .scriptName(`tsrun data ${name}`)
    .usage(`tsrun data ${name} ${usage}\n\n${summary}`)
    .updateStrings({ "Options:": "Flags:" })
    .epilogue(
      [
        "Examples:",
        ...examples.map(
          ([line, meaning]) => `  ${line.padEnd(width)}  ${meaning}`,
        ),
      ].join("\n"),
    )
    .wrap(100)
    .getHelp();
  return withoutTypes(help);
}
