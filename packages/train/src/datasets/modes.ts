import { UnknownNameError } from "@tsmpi/protocol";
import type { Mode } from "./mode";
import * as members from "./modes/index";

export type ModeName = keyof typeof members;

/** All modes, by name. */
export const MODES: ReadonlyMap<string, Mode> = new Map(
  Object.values(members).map((mode) => [mode.name, mode]),
);

/** @throws {UnknownNameError} there is no such mode; lists those there are */
export function modeNamed(name: string): Mode {
  const mode = MODES.get(name);
  if (mode !== undefined) return mode;
  const all = [...MODES.values()].map((one) => `${one.name} (${one.summary})`);
  throw new UnknownNameError(
    `there is no mode ${name} of a dataset; the modes are ${all.join(", ")}`,
  );
}
