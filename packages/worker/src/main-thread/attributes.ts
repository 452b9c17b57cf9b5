import {
  ArgumentError,
  KeyvalError,
  lastUsedCode,
  TsmpiError,
} from "@tsmpi/protocol";
import { ANY_SOURCE, MAX_TAG, PROC_NULL } from "./constants";

/** No attribute key: what freeing one gives. */
export const KEYVAL_INVALID = 0;
/** MPI's own attribute keys. Their values cannot be changed. */
export const TAG_UB = 501;
export const IO = 502;
export const HOST = 503;
export const WTIME_IS_GLOBAL = 504;
export const UNIVERSE_SIZE = 505;
export const APPNUM = 506;
export const LASTUSEDCODE = 507;
const FIRST_KEYVAL = 1001;

/** What the copy of an object has for an attribute; undefined: nothing. `owner` is the one that is copied. */
export type CopyFunction<Owner> = (
  owner: Owner,
  keyval: number,
  value: unknown,
) => unknown;

/** Called when an attribute goes: with its owner, when it is deleted, or before it is set anew. */
export type DeleteFunction<Owner> = (
  owner: Owner,
  keyval: number,
  value: unknown,
) => void;

export interface KeyvalOptions<Owner> {
  /** true copies the value as it is; false and null do not copy. */
  readonly copy_fn?: CopyFunction<Owner> | boolean | null;
  readonly delete_fn?: DeleteFunction<Owner> | boolean | null;
  /** Values are whole numbers. */
  readonly nopython?: boolean;
}

type Keyval = Required<KeyvalOptions<never>>;

const keyvals = new Map<number, Keyval>();
let nextKeyval = FIRST_KEYVAL;

/** A new attribute key. */
export function createKeyval<Owner>(
  copy_fn: KeyvalOptions<Owner>["copy_fn"] | KeyvalOptions<Owner> = null,
  delete_fn: KeyvalOptions<Owner>["delete_fn"] = null,
  nopython = false,
): number {
  const options =
    typeof copy_fn === "object" && copy_fn !== null
      ? copy_fn
      : { copy_fn, delete_fn, nopython };
  keyvals.set(nextKeyval, {
    copy_fn: options.copy_fn ?? null,
    delete_fn: options.delete_fn ?? null,
    nopython: options.nopython ?? false,
  });
  return nextKeyval++;
}

/**
 * Ends the use of a key. Attributes that are set go on: their functions are called when they are copied and deleted.
 *
 * @throws {KeyvalError} it is no key of the program's
 */
export function freeKeyval(keyval: number): typeof KEYVAL_INVALID {
  keyvalOf(keyval);
  keyvals.delete(keyval);
  return KEYVAL_INVALID;
}

/** The value of one of MPI's own keys on a communicator of a job of `worldSize` ranks; undefined of any other key. */
export function predefinedAttribute(
  keyval: number,
  { worldSize }: { readonly worldSize: number },
): number | boolean | undefined {
  switch (keyval) {
    case TAG_UB:
      return MAX_TAG;
    case IO:
      return ANY_SOURCE; // Any rank can.
    case HOST:
      return PROC_NULL;
    case WTIME_IS_GLOBAL:
      return false;
    case UNIVERSE_SIZE:
      return worldSize;
    case APPNUM:
      return 0;
    case LASTUSEDCODE:
      return lastUsedCode();
  }
}

interface Attribute {
  readonly keyval: Keyval;
  readonly value: unknown;
}

/** What a program has attached to one object, by key. */
export class AttributeTable<Owner> {
  readonly #owner: Owner;
  readonly #predefined: (keyval: number) => unknown;
  readonly #attributes = new Map<number, Attribute>();

  /** @param predefined values of MPI's own keys; undefined of any other */
  constructor(
    owner: Owner,
    predefined: (keyval: number) => unknown = () => undefined,
  ) {
    this.#owner = owner;
    this.#predefined = predefined;
  }

  /**
   * null if it was not set.
   *
   * @throws {KeyvalError} it is no key
   */
  get(keyval: number): unknown {
    const predefined = this.#predefined(keyval);
    if (predefined !== undefined) return predefined;
    keyvalOf(keyval);
    return this.#attributes.get(keyval)?.value ?? null;
  }

  /**
   * @throws {KeyvalError} it is no key of the program's
   * @throws {ArgumentError} `value` is no whole number, and the key takes those only
   */
  set(keyval: number, value: unknown): void {
    const found = keyvalOf(keyval);
    if (found.nopython && !Number.isInteger(value))
      throw new ArgumentError(
        `attribute ${keyval} takes whole numbers, not ${typeof value}`,
      );
    this.delete(keyval);
    this.#attributes.set(keyval, { keyval: found, value });
  }

  /**
   * Nothing happens if it was not set.
   *
   * @throws {KeyvalError} it is no key of the program's
   * @throws {TsmpiError} the delete function threw (ERR_OTHER, with its error as cause); the attribute is gone all the same
   */
  delete(keyval: number): void {
    keyvalOf(keyval);
    this.#remove(keyval);
  }

  /**
   * Gives a copy of the owner what the copy functions say.
   *
   * @throws {TsmpiError} a copy function threw (ERR_OTHER, with its error as cause)
   */
  copyTo(target: AttributeTable<Owner>): void {
    for (const [number, { keyval, value }] of this.#attributes) {
      const copied = this.#copied(number, keyval, value);
      if (copied !== undefined)
        target.#attributes.set(number, { keyval, value: copied });
    }
  }

  /**
   * The owner is being freed: deletes all, the last set first.
   *
   * @throws {TsmpiError} a delete function threw: the first such error, when all are gone
   */
  deleteAll(): void {
    const errors: unknown[] = [];
    for (const keyval of [...this.#attributes.keys()].reverse())
      try {
        this.#remove(keyval);
      } catch (error) {
        errors.push(error);
      }
    if (errors.length > 0) throw errors[0];
  }

  #remove(number: number): void {
    const attribute = this.#attributes.get(number);
    if (!attribute) return;
    this.#attributes.delete(number);
    const { keyval, value } = attribute;
    const deleteFn = keyval.delete_fn as DeleteFunction<Owner> | boolean | null;
    if (typeof deleteFn === "function")
      guarded(`delete function of attribute ${number}`, () =>
        deleteFn(this.#owner, number, value),
      );
  }

  #copied(number: number, { copy_fn }: Keyval, value: unknown): unknown {
    if (typeof copy_fn !== "function") return copy_fn ? value : undefined;
    return guarded(`copy function of attribute ${number}`, () =>
      (copy_fn as CopyFunction<Owner>)(this.#owner, number, value),
    );
  }
}

function keyvalOf(keyval: number): Keyval {
  const found = keyvals.get(keyval);
  if (found) return found;
  throw new KeyvalError(
    keyval >= TAG_UB && keyval <= LASTUSEDCODE
      ? `attribute key ${keyval} is MPI's own and cannot be changed`
      : `${keyval} is no attribute key, or has been freed`,
  );
}

/** Calls a function of the user's: an error of MPI's stays what it is; any other becomes ERR_OTHER. */
export function guarded<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof TsmpiError) throw error;
    throw new TsmpiError(`${what} threw: ${String(error)}`, { cause: error });
  }
}
