import { registeredName } from "@tsmpi/protocol";
import { UsageError } from "./usage-error";

/** A name of the command line that must be one of these. @throws {UsageError} lists them, and suggests the nearest */
export function checkName<Name extends string>(
  what: string,
  name: string,
  names: readonly Name[],
): Name {
  try {
    return registeredName(what, name, names);
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}
