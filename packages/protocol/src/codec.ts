import { Packr } from "msgpackr";
import { withNegativeZeros } from "./negative-zero";
import { SerializationError } from "./errors";
import { isBuiltIn, isPlainObject, typeTag } from "./type-tag";

const CODEC_OPTIONS = {
  // Records let a Map and an object stay apart; every message carries its own record definitions.
  useRecords: true,
  moreTypes: true,
  int64AsType: "bigint",
  useBigIntExtension: true,
  copyBuffers: true,
} as const;

// A Packr keeps nothing between messages when it has no shared structures, so one serves all.
const packr = new Packr(CODEC_OPTIONS);

/** Control messages and error payloads: values that tsmpi made itself. */
export const pack = (message: unknown): Uint8Array => packr.pack(message);

/** @throws {Error} if `bytes` are not one packed value: a stranger's garbage, or a broken frame */
export const unpack = (bytes: Uint8Array): unknown => packr.unpack(bytes);

/**
 * A user's value as bytes: null, undefined, boolean, number, bigint, string, Date, Map, Set, array, plain object, every typed
 * array and ArrayBuffer (exact bytes and type), nested.
 *
 * @throws {SerializationError} for anything else, with the path to it; nothing has been sent then
 */
export function encodeValue(value: unknown): Uint8Array {
  negativeZeros = 0;
  const problem = problemIn(value, []);
  if (problem)
    throw new SerializationError(
      `value${problem.path} ${problem.what} and cannot be sent to another rank; send plain data (numbers, strings, arrays, plain objects, Map, Set, Date, typed arrays)`,
    );
  return packr.pack(negativeZeros === 0 ? value : withNegativeZeros(value));
}

/** Seen while a value is looked through: the packer would write them as 0. */
let negativeZeros = 0;

/** The inverse. The result owns its memory. */
export const decodeValue = (bytes: Uint8Array): unknown => packr.unpack(bytes);

/** What cannot be sent, and where it is: `.layers[3]`. The path is put together only when there is a problem, from its end. */
interface Problem {
  readonly path: string;
  readonly what: string;
}

/** The first problem in `value`, null if there is none. `ancestors` are the containers around it: a value among them is a cycle. */
function problemIn(value: unknown, ancestors: object[]): Problem | null {
  if (typeof value === "function" || typeof value === "symbol")
    return { path: "", what: `is a ${typeof value}` };
  if (value === 0 && Object.is(value, -0)) negativeZeros++;
  if (typeof value !== "object" || value === null) return null;
  if (ancestors.includes(value))
    return { path: "", what: "contains itself (a cycle)" };
  ancestors.push(value);
  const problem = problemInObject(value, ancestors);
  ancestors.pop();
  return problem;
}

function problemInObject(value: object, ancestors: object[]): Problem | null {
  switch (typeTag(value)) {
    case "Array":
      return problemInArray(value as readonly unknown[], ancestors);
    case "Object":
      return isPlainObject(value)
        ? problemInPlainObject(value, ancestors)
        : instance(value);
    case "Map":
      return isBuiltIn(value)
        ? problemInMap(value as ReadonlyMap<unknown, unknown>, ancestors)
        : instance(value);
    case "Set":
      return isBuiltIn(value)
        ? problemInSet(value as ReadonlySet<unknown>, ancestors)
        : instance(value);
    case "DataView":
      return { path: "", what: "is a DataView" };
    case "ArrayBuffer":
    case "Date":
      return isBuiltIn(value) ? null : instance(value);
    default:
      return ArrayBuffer.isView(value) && isBuiltIn(value)
        ? null
        : instance(value);
  }
}

function problemInArray(
  array: readonly unknown[],
  ancestors: object[],
): Problem | null {
  for (let i = 0; i < array.length; i++) {
    const problem = problemIn(array[i], ancestors);
    if (problem) return under(`[${i}]`, problem);
  }
  return null;
}

function problemInPlainObject(
  object: object,
  ancestors: object[],
): Problem | null {
  for (const [key, child] of Object.entries(object)) {
    if (key === "__proto__") return { path: "", what: 'has a key "__proto__"' };
    const problem = problemIn(child, ancestors);
    if (problem) return under(`.${key}`, problem);
  }
  return null;
}

function problemInMap(
  map: ReadonlyMap<unknown, unknown>,
  ancestors: object[],
): Problem | null {
  for (const [key, child] of map) {
    const keyProblem = problemIn(key, ancestors);
    if (keyProblem) return under(" key", keyProblem);
    const problem = problemIn(child, ancestors);
    if (problem) return under(`.get(${describeKey(key)})`, problem);
  }
  return null;
}

function problemInSet(
  set: ReadonlySet<unknown>,
  ancestors: object[],
): Problem | null {
  for (const child of set) {
    const problem = problemIn(child, ancestors);
    if (problem) return under(" member", problem);
  }
  return null;
}

const under = (step: string, { path, what }: Problem): Problem => ({
  path: step + path,
  what,
});

const instance = (value: object): Problem => ({
  path: "",
  what: `is an instance of ${value.constructor?.name ?? "a class"}`,
});

const describeKey = (key: unknown): string =>
  typeof key === "object" && key !== null
    ? typeTag(key)
    : typeof key === "string"
      ? JSON.stringify(key)
      : String(key);
