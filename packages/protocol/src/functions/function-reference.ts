import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { ArgumentError } from "../errors";
import { type AnyFunction, placeOf } from "./inspect-function";

/** By what a worker finds a function: functions cannot be sent, but every rank can load the module that exports them. */
export interface FunctionReference {
  /** Of the module. */
  readonly url: string;
  /** A CommonJS module is loaded as one again: compiled as an ES module its functions would be other ones. */
  readonly system: "commonjs" | "module";
  /** CommonJS: of the export, WHOLE for what the module is; ES modules: of the function itself, whatever it is exported as. */
  readonly name: string;
  /** Of its source text. */
  readonly digest: string;
}

/** In place of an export's name: `module.exports` itself. */
export const WHOLE = "module.exports";

export const digestOf = (fn: AnyFunction): string =>
  createHash("sha256").update(String(fn)).digest("base64url").slice(0, 22);

const known = new WeakMap<AnyFunction, FunctionReference>();

/**
 * How workers find `fn`. It must be a function that a module exports, and must not depend on variables around it other than the
 * module's: those of a function that made it exist on this rank only.
 *
 * @throws {ArgumentError} it is no such function; says what to do
 */
export function referenceTo(fn: AnyFunction): FunctionReference {
  let reference = known.get(fn);
  if (reference === undefined) {
    reference = findReference(fn);
    known.set(fn, reference);
  }
  return reference;
}

function findReference(fn: AnyFunction): FunctionReference {
  if (typeof fn !== "function")
    throw new ArgumentError(
      `a task is a function that a module exports; this is ${fn === null ? "null" : typeof fn}`,
    );
  const who = describeFunction(fn);
  const place = placeOf(fn);
  if (place === null)
    throw new ArgumentError(
      `${who} is built in, or bound, and workers cannot find it; export a function of your own that calls it`,
    );
  const url = place.url.replace(/[?#].*$/s, "");
  if (!url.startsWith("file:"))
    throw new ArgumentError(
      `${who} was not defined in a file (${url || "no URL"}), and workers cannot find it; export it from a module`,
    );
  const digest = digestOf(fn);
  const module = require.cache[fileURLToPath(url)];
  if (module !== undefined) {
    const name = exportedAs(fn, module.exports);
    if (name !== null) return { url, system: "commonjs", name, digest };
    if (!isInModule(place.scopes))
      throw new ArgumentError(
        `${who} is not exported by ${fileURLToPath(url)}, so workers cannot find it; move it to the top level of its module and export it, and hand over what it needs as arguments`,
      );
  }
  if (!isInModule(place.scopes))
    throw new ArgumentError(
      `${who} is a closure: a function of ${fileURLToPath(url)} made it, whose variables only this rank has; move it to the top level of its module, export it, and hand over what it needs as arguments`,
    );
  return { url, system: "module", name: fn.name, digest };
}

const isInModule = (scopes: readonly string[]): boolean =>
  scopes.every((scope) => ["Module", "Script", "Global"].includes(scope));

/** null: it is not. */
function exportedAs(fn: AnyFunction, whole: unknown): string | null {
  if (whole === fn) return WHOLE;
  if (typeof whole !== "object" || whole === null) return null;
  const found = Object.entries(whole).find(([, value]) => value === fn);
  return found?.[0] ?? null;
}

/** `function prime`, for people. */
const describeFunction = (fn: AnyFunction): string =>
  fn.name ? `function ${fn.name}` : `the function ${brief(String(fn))}`;

const brief = (source: string): string => {
  const line = source.replace(/\s+/g, " ");
  return line.length <= 40 ? line : `${line.slice(0, 38)} …`;
};
