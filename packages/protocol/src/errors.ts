/**
 * Every error that users can meet. Each has a stable `code` (MPI's where MPI has one) and says whether the program can go on
 * (`recoverable`). Messages say where, what, and what next. docs/errors.md has a paragraph for each code; a test compares.
 */
export abstract class TsmpiError extends Error {
  /** Stable; program against this, not against the message. */
  abstract readonly code: string;
  /** True if the communicator is still usable after this error. */
  readonly recoverable: boolean = false;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** An argument of a call is wrong: a value that this parameter cannot take. */
export class ArgumentError extends TsmpiError {
  readonly code: string = "ERR_ARG";
  override readonly recoverable = true;
}

/** `dest` or `source` is not a rank of the communicator. */
export class RankError extends ArgumentError {
  override readonly code = "ERR_RANK";
}

/** `root` is not a rank of the communicator. */
export class RootError extends ArgumentError {
  override readonly code = "ERR_ROOT";
}

/** `tag` is not an integer from 0 to 2^31 − 1 (or ANY_TAG on a receive). */
export class TagError extends ArgumentError {
  override readonly code = "ERR_TAG";
}

/** Two counts that must agree do not. */
export class CountError extends ArgumentError {
  override readonly code = "ERR_COUNT";
}

/** Two element types that must agree do not, or the buffer is no typed array. */
export class BufferTypeError extends ArgumentError {
  override readonly code = "ERR_TYPE";
}

/** The reduce op is unknown, or not defined for this element type. */
export class OpError extends ArgumentError {
  override readonly code = "ERR_OP";
}

/** A message is longer than the buffer that was given to receive it. */
export class TruncateError extends ArgumentError {
  override readonly code = "ERR_TRUNCATE";
}

/** A value cannot be sent: a function, a symbol, a class instance. Raised before anything is sent; names the path to it. */
export class SerializationError extends ArgumentError {
  override readonly code = "ERR_SERIALIZE";
}

/** A peer stopped answering, ended with an error, or left while somebody waited for it. */
export class ProcessFailedError extends TsmpiError {
  readonly code = "ERR_PROC_FAILED";
  override readonly recoverable = true;
  constructor(
    message: string,
    /** World ranks that are known to be gone. */
    readonly failedRanks: readonly number[] = [],
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A collective did not end by its deadline. */
export class TimeoutError extends TsmpiError {
  readonly code = "ERR_TIMEOUT";
}

/** Ranks disagree on call, count, dtype, op or root of one collective. Raised on every rank. */
export class MismatchError extends TsmpiError {
  readonly code = "ERR_MISMATCH";
}

/** The ranks could not find each other: an address does not resolve, a port is taken, ranks are missing at the deadline. */
export class RendezvousError extends TsmpiError {
  readonly code = "ERR_RENDEZVOUS";
}

/** A rank speaks another version of the protocol. */
export class VersionError extends TsmpiError {
  readonly code = "ERR_VERSION";
}

/** A variable of the environment has a value that cannot be used. */
export class EnvironmentError extends TsmpiError {
  readonly code = "ERR_ENVIRONMENT";
}

/** A name on the command line or in the environment is not registered; the message lists the names there are. */
export class UnknownNameError extends TsmpiError {
  readonly code = "ERR_UNKNOWN_NAME";
}

/** The wanted TensorFlow.js engine cannot be had. */
export class EngineError extends TsmpiError {
  readonly code = "ERR_ENGINE";
}

/** The native engine cannot be set up here, or not as it was asked for. What was there before is left as it was. */
export class SetupError extends TsmpiError {
  readonly code = "ERR_SETUP";
}

/** Models differ between ranks. */
export class LayoutError extends TsmpiError {
  readonly code = "ERR_LAYOUT";
}

/** A checkpoint cannot be written, or not be read: cut short, of another model, of another version. */
export class CheckpointError extends TsmpiError {
  readonly code = "ERR_CHECKPOINT";
}

/** A gradient holds NaN or an infinity; names the variable, the rank and the step. Raised on every rank. */
export class NonFiniteError extends TsmpiError {
  readonly code = "ERR_NON_FINITE";
  override readonly recoverable = true;
}

/** Each step leaves tensors behind (`tsrun --check-leaks`); names the step and the count. */
export class LeakError extends TsmpiError {
  readonly code = "ERR_LEAK";
}

/** A call was made after the runtime ended. */
export class FinalizedError extends TsmpiError {
  readonly code = "ERR_FINALIZED";
}

/** A promise inside tsmpi was broken: a bug here, not in the program. */
export class InternalError extends TsmpiError {
  readonly code = "ERR_INTERN";
}

/** An error of another rank or thread whose class is not one of these. */
export class RemoteError extends TsmpiError {
  readonly code = "ERR_OTHER";
}

type ErrorClass = new (message: string) => TsmpiError;

/** Every class that users can meet, for the documentation and its test. */
export const ERROR_CLASSES: readonly ErrorClass[] = [
  ArgumentError,
  RankError,
  RootError,
  TagError,
  CountError,
  BufferTypeError,
  OpError,
  TruncateError,
  SerializationError,
  ProcessFailedError,
  TimeoutError,
  MismatchError,
  RendezvousError,
  VersionError,
  EnvironmentError,
  UnknownNameError,
  EngineError,
  SetupError,
  LayoutError,
  CheckpointError,
  NonFiniteError,
  LeakError,
  FinalizedError,
  InternalError,
  RemoteError,
];

const CLASS_BY_CODE = new Map(
  ERROR_CLASSES.map((errorClass) => [new errorClass("").code, errorClass]),
);

/** An error as data, to cross a thread or the network. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly failedRanks?: readonly number[];
}

export function errorToWire(error: unknown): WireError {
  if (error instanceof ProcessFailedError)
    return {
      code: error.code,
      message: error.message,
      failedRanks: error.failedRanks,
    };
  if (error instanceof TsmpiError)
    return { code: error.code, message: error.message };
  return {
    code: "ERR_OTHER",
    message: error instanceof Error ? error.message : String(error),
  };
}

/** The stack begins where this is called: on the thread that raises it to the user. */
export function errorFromWire(wire: WireError): TsmpiError {
  if (wire.code === "ERR_PROC_FAILED")
    return new ProcessFailedError(wire.message, wire.failedRanks);
  const errorClass = CLASS_BY_CODE.get(wire.code) ?? RemoteError;
  return new errorClass(wire.message);
}

/** An assert for promises inside tsmpi: what it guards is a bug here, never the user's. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition)
    throw new InternalError(`${message} (this is a bug in tsmpi)`);
}
