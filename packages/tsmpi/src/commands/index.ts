import type { Command } from "./command";

/** The subcommands of `tsrun`. A new one is a file and a line here. */
export const REGISTRY = {
  run: () => import("./run.js"),
} satisfies Record<string, () => Promise<{ command: Command }>>;

export type CommandName = keyof typeof REGISTRY;
export const COMMAND_NAMES = Object.keys(REGISTRY) as readonly CommandName[];

export const isCommandName = (word: string | undefined): word is CommandName =>
  word !== undefined && Object.hasOwn(REGISTRY, word);
