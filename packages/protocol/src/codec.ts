import { Packr } from "msgpackr";
import { SerializationError } from "./errors";
import { isPlainObject, typeTag } from "./type-tag";

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
  assertSendable(value, "value", []);
  return packr.pack(value);
}

/** The inverse. The result owns its memory. */
export const decodeValue = (bytes: Uint8Array): unknown => packr.unpack(bytes);

/** `ancestors` are the containers around `value`: a value among them is a cycle. */
function assertSendable(
  value: unknown,
  path: string,
  ancestors: object[],
): void {
  if (typeof value === "function" || typeof value === "symbol")
    throw unsendable(path, `is a ${typeof value}`);
  if (typeof value !== "object" || value === null) return;
  if (ancestors.includes(value))
    throw unsendable(path, "contains itself (a cycle)");
  const children = childrenOf(value, path);
  if (children === null) return;
  ancestors.push(value);
  for (const [childPath, child] of children)
    assertSendable(child, childPath, ancestors);
  ancestors.pop();
}

/** The values inside a container with their paths; null for a leaf. */
function childrenOf(
  value: object,
  path: string,
): Iterable<[string, unknown]> | null {
  if (ArrayBuffer.isView(value)) {
    if (typeTag(value) === "DataView") throw unsendable(path, "is a DataView");
    return null;
  }
  switch (typeTag(value)) {
    case "ArrayBuffer":
    case "Date":
      return null;
    case "Array": {
      const array = value as readonly unknown[];
      // Numbers and strings need no look inside, and most long lists hold nothing else.
      return array
        .map((child, i): [string, unknown] => [`${path}[${i}]`, child])
        .filter(([, child]) => isContainerOrUnsendable(child));
    }
    case "Map":
      return [...(value as Map<unknown, unknown>)].flatMap(
        ([key, child]): [string, unknown][] => [
          [`${path} key`, key],
          [`${path}.get(${describeKey(key)})`, child],
        ],
      );
    case "Set":
      return [...(value as Set<unknown>)].map((child): [string, unknown] => [
        `${path} member`,
        child,
      ]);
    default:
      if (!isPlainObject(value))
        throw unsendable(
          path,
          `is an instance of ${value.constructor?.name ?? "a class"}`,
        );
      return Object.entries(value).map(([key, child]): [string, unknown] => [
        `${path}.${key}`,
        child,
      ]);
  }
}

const isContainerOrUnsendable = (value: unknown): boolean =>
  (typeof value === "object" && value !== null) ||
  typeof value === "function" ||
  typeof value === "symbol";

const describeKey = (key: unknown): string =>
  typeof key === "string" ? JSON.stringify(key) : String(key as number);

const unsendable = (path: string, what: string): SerializationError =>
  new SerializationError(
    `${path} ${what} and cannot be sent to another rank; send plain data (numbers, strings, arrays, plain objects, Map, Set, Date, typed arrays)`,
  );
