import { errorClassName, ERROR_NUMBERS, errorNumber } from "./error-classes";
import { classOfCode, textOfCode } from "./error-codes";

/**
 * Every error that users can meet. Each has a stable `code` (MPI's where MPI has one) and says whether the program can go on
 * (`recoverable`). Messages say where, what, and what next. In MPI's words it is `MPI.Exception`.
 */
export class TsmpiError extends Error {
  /** Stable; program against this, not against the message. */
  readonly code: string;
  /** True if the communicator is still usable after this error. */
  readonly recoverable: boolean = false;
  /** An error that was made from a number keeps it. */
  readonly #number: number | null;

  /** @param message or an error code's number, as `new MPI.Exception(MPI.ERR_ARG)`: the message is then its text */
  constructor(
    message: string | number = ERROR_NUMBERS.SUCCESS,
    options?: ErrorOptions,
  ) {
    const number = typeof message === "number" ? valid(message) : null;
    super(number === null ? (message as string) : textOf(number), options);
    this.name = new.target.name;
    this.#number = number;
    this.code = number === null ? "ERR_OTHER" : nameOf(number);
  }

  /** The number of this error's class: equal to `MPI.ERR_RANK`, say. */
  Get_error_class(): number {
    return classOf(this.Get_error_code());
  }
  /** The number of this error's code: its class, unless the program made the error with a code of its own. */
  Get_error_code(): number {
    return this.#number ?? errorNumber(this.code);
  }
  /** What the code means, as `MPI.Get_error_string` says; `message` says what happened. */
  Get_error_string(): string {
    return textOf(this.Get_error_code());
  }

  get error_class(): number {
    return this.Get_error_class();
  }
  get error_code(): number {
    return this.Get_error_code();
  }
  get error_string(): string {
    return this.Get_error_string();
  }
}

const { ERR_UNKNOWN, SUCCESS } = ERROR_NUMBERS;

const valid = (number: number): number =>
  number < SUCCESS ? ERR_UNKNOWN : number;
const classOf = (number: number): number => classOfCode(number) ?? ERR_UNKNOWN;
const textOf = (number: number): string =>
  textOfCode(number) ?? textOfCode(ERR_UNKNOWN)!;
/** A class that the program has added has no name. */
const nameOf = (number: number): string =>
  errorClassName(classOf(number)) ?? "ERR_OTHER";
