import { hostname } from "node:os";
import {
  ArgumentError,
  InfoError,
  InfoKeyError,
  InfoNoKeyError,
  InfoValueError,
} from "@tsmpi/protocol";
import { constant, isConstant, otherHandle } from "./handle";

/** The longest key and the longest value, in characters. */
export const MAX_INFO_KEY = 255;
export const MAX_INFO_VAL = 1024;

/** Keys and values to begin with: an info, an object, or pairs, such as a Map has. */
export type InfoItems =
  | Info
  | Readonly<Record<string, string>>
  | Iterable<readonly [key: string, value: string]>;

/** A command and its arguments; none means this process's. */
export type CommandLine =
  | readonly string[]
  | string
  | null
  | { readonly args?: readonly string[] | string | null };

interface Entries {
  readonly values: Map<string, string>;
  /** INFO_ENV cannot be changed, and stays. */
  readonly isPredefined: boolean;
}

/**
 * Hints: keys and values, both text, in the order in which the keys were first set. The capital calls are MPI's and raise an
 * InfoError on INFO_NULL and on an info that was freed; the others are mpi4py's mapping, in which those are empty.
 */
export class Info {
  #entries: Entries | null;

  /** A null handle; or another handle to `info`. */
  constructor(info?: Info | null) {
    const other = otherHandle(info, Info);
    this.#entries = other && other.#entries;
  }

  /** @internal */
  static predefined(items: InfoItems): Info {
    const info = new Info();
    info.#entries = { values: new Map(pairsOf(items)), isPredefined: true };
    return info;
  }

  /** @throws {ArgumentError | InfoKeyError | InfoValueError} */
  static Create(items: InfoItems | null = null): Info {
    const info = new Info();
    info.#entries = { values: new Map(), isPredefined: false };
    if (items !== null) info.update(items);
    return info;
  }

  /** What is known of how this program was started, as in INFO_ENV. */
  static Create_env(args: CommandLine = null): Info {
    const given = wordsOf(args);
    return Info.Create(
      environmentOf(given.length > 0 ? given : process.argv.slice(1)),
    );
  }

  get isNull(): boolean {
    return this.#entries === null;
  }
  /** Whether both are handles to one info, or both null. */
  equals(other: unknown): boolean {
    if (!(other instanceof Info)) return false;
    return this.#entries === other.#entries;
  }

  /** Makes this handle null. INFO_ENV stays: an InfoError. */
  Free(): void {
    this.#change();
    this.#entries = null;
  }
  /** Makes this handle null; constants stay. */
  free(): void {
    if (!isConstant(this)) this.#entries = null;
  }

  /** Another info with the same keys and values, in the same order. */
  Dup(): Info {
    return Info.Create(this.#read());
  }

  /** The value of a key, null if there is none. */
  Get(key: string): string | null {
    return this.#read().get(validKey(key)) ?? null;
  }
  Set(key: string, value: string): void {
    this.#change().set(validKey(key), validValue(value));
  }
  /** @throws {InfoNoKeyError} there is no such key */
  Delete(key: string): void {
    if (!this.#change().delete(validKey(key))) throw noKey(key);
  }
  Get_nkeys(): number {
    return this.#read().size;
  }
  /** @throws {ArgumentError} there are not so many keys */
  Get_nthkey(n: number): string {
    const keys = [...this.#read().keys()];
    const key = keys[n];
    if (key !== undefined) return key;
    throw new ArgumentError(`there is no key ${n} among ${keys.length}`);
  }

  /** Number of keys: `len(info)`. */
  get size(): number {
    return this.#entries?.values.size ?? 0;
  }
  /** `key in info` */
  has(key: string): boolean {
    return this.#entries?.values.has(key) ?? false;
  }
  [Symbol.iterator](): Iterator<string> {
    return this.keys()[Symbol.iterator]();
  }
  get<Default = null>(
    key: string,
    fallback: Default = null as Default,
  ): string | Default {
    return this.#entries?.values.get(key) ?? fallback;
  }
  keys(): string[] {
    return this.items().map(([key]) => key);
  }
  values(): string[] {
    return this.items().map(([, value]) => value);
  }
  items(): [key: string, value: string][] {
    return [...(this.#entries?.values ?? [])];
  }

  /**
   * Sets all of these keys.
   *
   * @throws {ArgumentError} `items` are none
   */
  update(
    items: InfoItems = [],
    more: Readonly<Record<string, string>> = {},
  ): void {
    this.#change();
    for (const pair of [...pairsOf(items), ...pairsOf(more)])
      this.Set(...readPair(pair));
  }

  /**
   * Removes a key and gives its value; `fallback` if there is none.
   *
   * @throws {InfoNoKeyError} there is none, and no `fallback` either
   */
  pop(key: string): string;
  pop<Default>(key: string, fallback: Default): string | Default;
  pop(key: string, ...fallback: unknown[]): unknown {
    const value = this.#entries?.values.get(key);
    if (value === undefined) {
      if (fallback.length > 0) return fallback[0];
      throw noKey(key);
    }
    this.#change().delete(key);
    return value;
  }

  /**
   * Removes the last key and gives it and its value.
   *
   * @throws {InfoNoKeyError} there is none
   */
  popitem(): [key: string, value: string] {
    const last = this.items().at(-1);
    if (last === undefined) throw new InfoNoKeyError("the info is empty");
    this.#change().delete(last[0]);
    return last;
  }

  /** Like `Dup`; of a null handle another one. */
  copy(): Info {
    return this.isNull ? new Info() : this.Dup();
  }
  clear(): void {
    if (this.#entries) this.#change().clear();
  }

  #read(): Map<string, string> {
    if (this.#entries) return this.#entries.values;
    throw new InfoError("the info is INFO_NULL or has been freed");
  }

  #change(): Map<string, string> {
    const values = this.#read();
    if (!this.#entries!.isPredefined) return values;
    throw new InfoError("INFO_ENV cannot be changed or freed; Dup it");
  }
}

function wordsOf(args: CommandLine): readonly string[] {
  if (args === null) return [];
  if (typeof args === "string") return [args];
  return "args" in args ? wordsOf(args.args ?? null) : (args as string[]);
}

function pairsOf(items: InfoItems): Iterable<readonly [string, string]> {
  if (items instanceof Info) return items.items();
  if (typeof items !== "object" || items === null)
    throw new ArgumentError(
      `items of an info must be an object, a Map or pairs, not ${typeof items}`,
    );
  return Symbol.iterator in items ? items : Object.entries(items);
}

function readPair(pair: readonly [string, string]): readonly [string, string] {
  if (Array.isArray(pair) && pair.length === 2) return pair;
  throw new ArgumentError("items of an info must be pairs [key, value]");
}

function validKey(key: unknown): string {
  if (typeof key === "string" && key !== "" && key.length <= MAX_INFO_KEY)
    return key;
  throw new InfoKeyError(
    `a key must be text of 1 to ${MAX_INFO_KEY} characters, not ${typeof key === "string" ? `of ${key.length}` : typeof key}`,
  );
}

function validValue(value: unknown): string {
  if (typeof value === "string" && value.length <= MAX_INFO_VAL) return value;
  throw new InfoValueError(
    `a value must be text of up to ${MAX_INFO_VAL} characters, not ${typeof value === "string" ? `of ${value.length}` : typeof value}`,
  );
}

const noKey = (key: string): InfoNoKeyError =>
  new InfoNoKeyError(`the info has no key "${key}"`);

/** The keys that MPI reserves for this, as far as they are known here. */
const environmentOf = ([command = "", ...args]: readonly string[]): Record<
  string,
  string
> => ({
  command: cut(command),
  argv: cut(args.join(" ")),
  maxprocs: process.env.WORLD_SIZE || "1",
  host: hostname(),
  arch: process.arch,
  wdir: cut(process.cwd()),
  thread_level: "MPI_THREAD_FUNNELED",
});

const cut = (text: string): string => text.slice(0, MAX_INFO_VAL);

/** No info at all: what a freed handle is. */
export const INFO_NULL = new Info();

/** How this program was started. */
export const INFO_ENV = constant(
  Info.predefined(environmentOf(process.argv.slice(1))),
);
