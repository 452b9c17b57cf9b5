import { ErrhandlerError } from "@tsmpi/protocol";
import { otherHandle } from "./handle";

/** Called with the object that a call failed on, and with the error's code. */
export type ErrhandlerFunction<Owner> = (
  owner: Owner,
  errorcode: number,
) => void;

/** What to do: nothing, to end the job, or a function of the user's. */
type Meaning =
  | { readonly kind: "return" }
  | { readonly kind: "abort" }
  | { readonly kind: "user"; readonly fn: ErrhandlerFunction<unknown> };

/**
 * What happens when a call has failed, before its error is thrown. ERRHANDLER_NULL, and one that was freed, raises an
 * ErrhandlerError wherever it is used.
 */
export class Errhandler {
  #meaning: Meaning | null;

  /** A null handle; or another handle to `errhandler`. */
  constructor(errhandler?: Errhandler | null) {
    const other = otherHandle(errhandler, Errhandler);
    this.#meaning = other && other.#meaning;
  }

  /** @internal */
  static of(meaning: Meaning): Errhandler {
    const errhandler = new Errhandler();
    errhandler.#meaning = meaning;
    return errhandler;
  }

  /**
   * One of the user's.
   *
   * @throws {ErrhandlerError} `fn` is no function
   */
  static create<Owner>(this: void, fn: ErrhandlerFunction<Owner>): Errhandler {
    if (typeof fn !== "function")
      throw new ErrhandlerError(
        `an error handler is made of a function, not of ${typeof fn}`,
      );
    return Errhandler.of({
      kind: "user",
      fn: fn as ErrhandlerFunction<unknown>,
    });
  }

  get isNull(): boolean {
    return this.#meaning === null;
  }
  /** Whether both are handles to one error handler, or both null. */
  equals(other: unknown): boolean {
    if (!(other instanceof Errhandler)) return false;
    return this.#meaning === other.#meaning;
  }

  /** Makes this handle null; MPI's constants stay. Objects keep the error handler that they were given. */
  Free(): void {
    this.#read();
    if (!CONSTANTS.has(this)) this.#meaning = null;
  }
  /** Like `Free`; a null handle stays null. */
  free(): void {
    if (!this.isNull) this.Free();
  }

  /**
   * @internal Does it, for a call on `owner` that failed with this code.
   * @param abort ends the job
   */
  invoke<Owner>(
    owner: Owner,
    errorcode: number,
    abort: (errorcode: number) => void,
  ): void {
    const meaning = this.#read();
    switch (meaning.kind) {
      case "return":
        return;
      case "abort":
        return abort(errorcode);
      case "user":
        return meaning.fn(owner, errorcode);
    }
  }

  #read(): Meaning {
    if (this.#meaning) return this.#meaning;
    throw new ErrhandlerError(
      "the error handler is ERRHANDLER_NULL or has been freed",
    );
  }
}

/** No error handler at all: what a freed handle is. */
export const ERRHANDLER_NULL = new Errhandler();
/** The error is thrown, and that is all: what every communicator begins with, as in mpi4py. */
export const ERRORS_RETURN = Errhandler.of({ kind: "return" });
/** The job ends. */
export const ERRORS_ARE_FATAL = Errhandler.of({ kind: "abort" });
/** The job ends: in MPI only the ranks of the communicator, and here the others are ended with them. */
export const ERRORS_ABORT = Errhandler.of({ kind: "abort" });

const CONSTANTS: ReadonlySet<Errhandler> = new Set([
  ERRORS_RETURN,
  ERRORS_ARE_FATAL,
  ERRORS_ABORT,
]);
