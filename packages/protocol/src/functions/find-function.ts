import { fileURLToPath, pathToFileURL } from "node:url";
import { ArgumentError } from "../errors";
import { digestOf, type FunctionReference, WHOLE } from "./function-reference";
import { type AnyFunction, functionsBeside, placeOf } from "./inspect-function";

/** A main program that awaits at its top level never becomes importable while it awaits us. */
const STILL_RUNNING_MS = 10_000;

/**
 * Loads the module of a function, and finds it there.
 *
 * @param home a function of the program that runs on this rank too, if there is one: its module may still be running, and then
 * cannot be imported
 * @throws {ArgumentError} the module does not export it
 * @throws what the module throws
 */
export async function findFunction(
  reference: FunctionReference,
  home: AnyFunction | null,
): Promise<AnyFunction> {
  const { url, system, name } = reference;
  const found =
    system === "commonjs"
      ? // eslint-disable-next-line @typescript-eslint/no-require-imports -- CommonJS is what it is
        exportOf(require(fileURLToPath(url)), name)
      : sameFunction(reference, await candidates(url, home));
  if (found) return found;
  throw new ArgumentError(
    `${fileURLToPath(url)} exports no function ${name || "without a name"} like the one that was handed over; export it (and if the file has changed meanwhile, start again)`,
  );
}

const exportOf = (whole: unknown, name: string): AnyFunction | null => {
  const found =
    name === WHOLE ? whole : (whole as Readonly<Record<string, unknown>>)[name];
  return typeof found === "function" ? (found as AnyFunction) : null;
};

/** Functions at the top level of a module that have name and text in common do the same. */
const sameFunction = (
  { name, digest }: FunctionReference,
  functions: readonly AnyFunction[],
): AnyFunction | null =>
  functions.find((fn) => fn.name === name && digestOf(fn) === digest) ?? null;

async function candidates(
  url: string,
  home: AnyFunction | null,
): Promise<AnyFunction[]> {
  if (home !== null && placeOf(home)?.url.replace(/[?#].*$/s, "") === url)
    return functionsBeside(home);
  const importing = import(url) as Promise<Readonly<Record<string, unknown>>>;
  const module = await (home !== null && url === mainUrl()
    ? unlessRunning(importing, url)
    : importing);
  return Object.values(module).filter(
    (value) => typeof value === "function",
  ) as AnyFunction[];
}

const mainUrl = (): string | null =>
  process.argv[1] === undefined ? null : pathToFileURL(process.argv[1]).href;

async function unlessRunning<T>(
  importing: Promise<T>,
  url: string,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new ArgumentError(
            `${fileURLToPath(url)} awaits the pool at its top level, so what it exports is not there yet; move the task to a module of its own`,
          ),
        ),
      STILL_RUNNING_MS,
    );
  });
  try {
    return await Promise.race([importing, late]);
  } finally {
    clearTimeout(timer);
  }
}
