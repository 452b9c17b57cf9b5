import type { Subcommands } from "../command";

/** The subcommands of `tsrun`. A new one is a file and a line here. */
export const REGISTRY = {
  run: () => import("./run.js"),
  agent: () => import("./agent.js"),
  bench: () => import("./bench.js"),
  data: () => import("./data.js"),
  setup: () => import("./setup.js"),
  doctor: () => import("./doctor.js"),
} satisfies Subcommands;

export type CommandName = keyof typeof REGISTRY;

export const isCommandName = (word: string | undefined): word is CommandName =>
  word !== undefined && Object.hasOwn(REGISTRY, word);
