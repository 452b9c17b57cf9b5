import {
  ERROR_CLASSES,
  ProcessFailedError,
  ProcessFailedPendingError,
  RemoteError,
} from "./errors";
import { TsmpiError } from "./tsmpi-error";

const CLASS_BY_CODE = new Map(
  ERROR_CLASSES.map((errorClass) => [new errorClass("").code, errorClass]),
);

/** An error as data, to cross a thread or the network. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly failedRanks?: readonly number[];
  /** Of an error that was made from a number: `new MPI.Exception(number)`. */
  readonly number?: number;
}

export function errorToWire(error: unknown): WireError {
  const message = shortened(
    error instanceof Error ? error.message : String(error),
  );
  if (!(error instanceof TsmpiError)) return { code: "ERR_OTHER", message };
  const { code } = error;
  if (error instanceof ProcessFailedError)
    return { code, message, failedRanks: error.failedRanks };
  if (error.constructor === TsmpiError)
    return { code, message, number: error.Get_error_code() };
  return { code, message };
}

/** A program may put a whole file into an error, and what goes over the network is bounded. */
const MOST_CHARACTERS = 64 << 10;

const shortened = (text: string): string =>
  text.length <= MOST_CHARACTERS
    ? text
    : `${text.slice(0, MOST_CHARACTERS)}… (${text.length} characters)`;

/** The stack begins where this is called: on the thread that raises it to the user. */
export function errorFromWire(wire: WireError): TsmpiError {
  const { code, message, failedRanks, number } = wire;
  switch (code) {
    case "ERR_PROC_FAILED":
      return new ProcessFailedError(message, failedRanks);
    case "ERR_PROC_FAILED_PENDING":
      return new ProcessFailedPendingError(message, failedRanks);
  }
  const errorClass = CLASS_BY_CODE.get(code) ?? RemoteError;
  return number === undefined
    ? new errorClass(message)
    : fromNumber(number, message);
}

function fromNumber(number: number, message: string): TsmpiError {
  const error = new TsmpiError(number);
  error.message = message;
  return error;
}
