import { hostname } from "node:os";
import { inspect } from "node:util";
import {
  encodeValue,
  errorFromWire,
  errorToWire,
  RemoteTaskError,
  TsmpiError,
  type WireError,
} from "@tsmpi/protocol";

/** What a task threw, as data. */
export type Thrown =
  | {
      readonly type: "error";
      /** Of its class; `builtIn` is JavaScript's own class of it, if it is one of those and no class derived from one. */
      readonly name: string;
      readonly builtIn: string | null;
      readonly message: string;
      /** Lines `    at …`. */
      readonly frames: string;
      /** An error of tsmpi's. */
      readonly wire: WireError | null;
      /** Its further properties, those that can be sent. */
      readonly properties: Readonly<Record<string, unknown>>;
      readonly cause: Thrown | null;
      /** Of an AggregateError. */
      readonly errors: readonly Thrown[];
    }
  /** Something else than an error. */
  | {
      readonly type: "value";
      /** null: it cannot be sent. */
      readonly value: { readonly of: unknown } | null;
      readonly text: string;
      readonly frames: string;
    };

type ErrorClass = new (message: string) => Error;
const BUILT_IN: Readonly<Record<string, ErrorClass>> = {
  Error,
  TypeError,
  RangeError,
  ReferenceError,
  SyntaxError,
  EvalError,
  URIError,
};

/** A cause of a cause …: no deeper. */
const MOST_DEPTH = 8;

/** @param rank for people: who throws it */
export function thrownToWire(thrown: unknown, rank: number, depth = 0): Thrown {
  const where = `    at rank ${rank} (${hostname()}, pid ${process.pid})`;
  if (!(thrown instanceof Error))
    return {
      type: "value",
      value: isSendable(thrown) ? { of: thrown } : null,
      ...{ text: preview(thrown), frames: where },
    };
  const inner = (value: unknown): Thrown =>
    thrownToWire(value, rank, depth + 1);
  const goesOn = depth < MOST_DEPTH;
  return {
    type: "error",
    ...classOf(thrown),
    message: String(thrown.message),
    frames: [...ownFrames(thrown), where].join("\n"),
    wire: thrown instanceof TsmpiError ? errorToWire(thrown) : null,
    properties: Object.fromEntries(
      Object.entries(thrown).filter(
        ([name, value]) => !OWN.has(name) && isSendable(value),
      ),
    ),
    cause: goesOn && thrown.cause !== undefined ? inner(thrown.cause) : null,
    errors:
      goesOn && thrown instanceof AggregateError
        ? thrown.errors.map(inner)
        : [],
  };
}

/** Told apart from further properties. */
const OWN = new Set(["name", "message", "stack", "cause", "errors"]);

/** The error as it is raised on the master. */
export function thrownFromWire(thrown: Thrown): Error {
  const error = newError(thrown);
  if (thrown.type === "error") Object.assign(error, thrown.properties);
  error.stack = `${error.name}: ${error.message}\n${thrown.frames}`;
  if (thrown.type === "error" && thrown.cause)
    Object.defineProperty(error, "cause", {
      value: causeFromWire(thrown.cause),
      ...HIDDEN,
    });
  return error;
}

const HIDDEN = { configurable: true, enumerable: false, writable: true };

/** A cause may be anything, and is not wrapped. */
const causeFromWire = (cause: Thrown): unknown =>
  cause.type === "value" && cause.value
    ? cause.value.of
    : thrownFromWire(cause);

function newError(thrown: Thrown): Error {
  if (thrown.type === "value")
    return new RemoteTaskError(`a task threw ${thrown.text}`, undefined, {
      cause: thrown.value?.of,
    });
  const { name, builtIn, message, wire, errors } = thrown;
  if (wire) {
    const error = errorFromWire(wire);
    error.name = name;
    return error;
  }
  if (builtIn === "AggregateError")
    return new AggregateError(errors.map(causeFromWire), message);
  if (builtIn === "DOMException") return new DOMException(message, name);
  const builtInClass = builtIn === null ? undefined : BUILT_IN[builtIn];
  return builtInClass === undefined
    ? new RemoteTaskError(message, name)
    : new builtInClass(message);
}

/** An error that names itself is of the class that it names. */
function classOf(error: Error): { name: string; builtIn: string | null } {
  const classes: string[] = [];
  for (
    let prototype = Object.getPrototypeOf(error) as object | null;
    prototype !== null && classes.at(-1) !== "Error";
    prototype = Object.getPrototypeOf(prototype) as object | null
  )
    classes.push(prototype.constructor?.name ?? "");
  const nearest = classes.find((name) => isBuiltIn(name)) ?? "Error";
  if (nearest === "DOMException") return { name: error.name, builtIn: nearest };
  // Node's errors are JavaScript's with a code.
  const isDerived = classes[0] !== nearest && classes[0] !== "NodeError";
  const named = String(error.name);
  if (!isDerived && named === nearest)
    return { name: nearest, builtIn: nearest };
  const name = named === nearest ? classes[0]! : named;
  return { name, builtIn: null };
}

const isBuiltIn = (name: string): boolean =>
  name in BUILT_IN || name === "AggregateError" || name === "DOMException";

/** Without those of the pool, which begin where the task was called. */
function ownFrames({ stack = "" }: Error): string[] {
  const lines = String(stack).split("\n");
  const first = lines.findIndex((line) => FRAME.test(line));
  if (first < 0) return [];
  const frames = lines.slice(first).filter((line) => FRAME.test(line));
  const end = frames.findIndex((line) => POOL.test(line));
  return end < 0 ? frames : frames.slice(0, end);
}

const FRAME = /^ {4}at /;
const POOL = /[/\\]tsmpi[/\\](dist|src)[/\\]futures[/\\]/;

function isSendable(value: unknown): boolean {
  try {
    encodeValue(value);
    return true;
  } catch {
    return false;
  }
}

function preview(value: unknown): string {
  const text = inspect(value, { depth: 2, breakLength: Infinity });
  return text.length <= 200 ? text : `${text.slice(0, 198)} …`;
}
