import {
  type AnyFunction,
  ArgumentError,
  type FunctionReference,
  referenceTo,
} from "@tsmpi/protocol";
import { fileURLToPath, pathToFileURL } from "node:url";

/**
 * By what a thread finds a function of the program.
 *
 * @param who the method that was given it
 * @throws {ArgumentError} no module exports it, or the program itself does, which a thread would have to run
 */
export function threadFunction(
  who: string,
  fn: AnyFunction,
): FunctionReference {
  let reference: FunctionReference;
  try {
    reference = referenceTo(fn);
  } catch (error) {
    throw new ArgumentError(`${who}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const program = process.argv[1];
  if (program !== undefined && reference.url === pathToFileURL(program).href)
    throw new ArgumentError(
      `${who}: ${fn.name || "the function"} is part of the program itself (${fileURLToPath(reference.url)}), which a thread would have to run to find it; move it to a module of its own, and import it from there`,
    );
  return reference;
}
