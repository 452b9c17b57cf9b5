import { randomBytes } from "node:crypto";

/**
 * Of a file beside the one that is to be: datasets pass over such names. Another process, or another sink of this one, may be making
 * the same file.
 */
export const unfinishedName = (path: string): string =>
  `${path}.unfinished-${process.pid}-${randomBytes(3).toString("hex")}`;
