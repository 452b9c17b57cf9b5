import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isMainThread } from "node:worker_threads";
import {
  addCode,
  ArgumentError,
  classOfCode,
  hasCodes,
  isAddedClass,
  isAddedCode,
  removeCode,
  setTextOfCode,
  textOfCode,
} from "@tsmpi/protocol";
import { Info, MAX_INFO_KEY, MAX_INFO_VAL } from "./info";

/** The version of MPI whose calls these are. */
export const VERSION = 4;
export const SUBVERSION = 1;

/** How many threads may call MPI; each level allows what the one before does. */
export const THREAD_SINGLE = 0;
export const THREAD_FUNNELED = 1024;
export const THREAD_SERIALIZED = 2048;
export const THREAD_MULTIPLE = 4096;

/** The longest texts, in characters. */
export const MAXIMA = {
  MAX_PROCESSOR_NAME: 256,
  MAX_ERROR_STRING: 512,
  MAX_OBJECT_NAME: 128,
  MAX_LIBRARY_VERSION_STRING: 8192,
  MAX_INFO_KEY,
  MAX_INFO_VAL,
} as const;

export const Get_version = (): [version: number, subversion: number] => [
  VERSION,
  SUBVERSION,
];

/** `tsmpi 0.1.0` */
export const Get_library_version = (): string => `tsmpi ${packageVersion()}`;

/** Name and version of the implementation: `["tsmpi", [0, 1, 0]]`. */
export function get_vendor(): [
  name: string,
  version: [major: number, minor: number, micro: number],
] {
  const [major = 0, minor = 0, micro = 0] = packageVersion()
    .split(/[.-]/)
    .map(Number);
  return ["tsmpi", [major, minor, micro]];
}

const packageVersion = (): string =>
  (
    JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8")) as {
      version: string;
    }
  ).version;

/** THREAD_FUNNELED: the thread that made the first call makes all others. */
export const Query_thread = (): number => THREAD_FUNNELED;
export const Is_thread_main = (): boolean => isMainThread;

/** Seconds between two readings of `Wtime` that can be told apart. */
export const Wtick = (): number => 1e-9;

/** Says nothing of the hardware: an info without keys. */
export const Get_hw_resource_info = (): Info => Info.Create();

/**
 * For profilers, of which there is none: does nothing.
 *
 * @throws {ArgumentError} `level` is not 0, 1 or 2
 */
export function Pcontrol(level: number): void {
  if (![0, 1, 2].includes(level))
    throw new ArgumentError(`level ${level} is not 0, 1 or 2`);
}

/** @throws {ArgumentError} there is no such code */
export const Get_error_class = (errorcode: number): number =>
  classOfCode(errorcode) ?? noCode(errorcode);

/** @throws {ArgumentError} there is no such code */
export const Get_error_string = (errorcode: number): string =>
  textOfCode(errorcode) ?? noCode(errorcode);

/** A new error class, behind all others: the attribute LASTUSEDCODE. */
export const Add_error_class = (): number => addCode(null);

/**
 * A new error code of a class.
 *
 * @throws {ArgumentError} there is no such class
 */
export function Add_error_code(errorclass: number): number {
  if (Get_error_class(errorclass) !== errorclass)
    throw new ArgumentError(`${errorclass} is an error code, and no class`);
  return addCode(errorclass);
}

/** @throws {ArgumentError} the program has not added this class or code */
export function Add_error_string(errorcode: number, string: string): void {
  assertAdded(errorcode);
  if (typeof string !== "string" || string.length > MAXIMA.MAX_ERROR_STRING)
    throw new ArgumentError(
      `an error string must be text of up to ${MAXIMA.MAX_ERROR_STRING} characters`,
    );
  setTextOfCode(errorcode, string);
}

/** @throws {ArgumentError} the program has not added this class, or it still has codes or a string */
export function Remove_error_class(errorclass: number): void {
  assertAdded(errorclass);
  if (!isAddedClass(errorclass))
    throw new ArgumentError(`${errorclass} is an error code, and no class`);
  if (hasCodes(errorclass))
    throw new ArgumentError(`error class ${errorclass} still has codes`);
  removeWithoutString(errorclass);
}

/** @throws {ArgumentError} the program has not added this code, or it still has a string */
export function Remove_error_code(errorcode: number): void {
  assertAdded(errorcode);
  if (isAddedClass(errorcode))
    throw new ArgumentError(`${errorcode} is an error class, and no code`);
  removeWithoutString(errorcode);
}

/** @throws {ArgumentError} the program has not added this class or code */
export function Remove_error_string(errorcode: number): void {
  assertAdded(errorcode);
  setTextOfCode(errorcode, "");
}

function removeWithoutString(errorcode: number): void {
  if (textOfCode(errorcode) !== "")
    throw new ArgumentError(`error code ${errorcode} still has a string`);
  removeCode(errorcode);
}

function assertAdded(errorcode: number): void {
  if (!isAddedCode(errorcode))
    throw new ArgumentError(
      `error code ${errorcode} is none that this program has added`,
    );
}

function noCode(errorcode: number): never {
  throw new ArgumentError(`there is no error code ${errorcode}`);
}
