import type { DataCommands } from "../data-command";

/** The subcommands of `tsrun data`. A new one is a file and a line here. */
export const SUBCOMMANDS = {
  inspect: () => import("./inspect.js"),
  convert: () => import("./convert.js"),
  verify: () => import("./verify.js"),
  stats: () => import("./stats.js"),
  fetch: () => import("./fetch.js"),
} satisfies DataCommands;
