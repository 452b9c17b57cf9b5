import { TsmpiError } from "./tsmpi-error";

// One class for each code. docs/errors.md has a paragraph for each; a test compares.

/** An argument of a call is wrong: a value that this parameter cannot take. */
export class ArgumentError extends TsmpiError {
  override readonly code: string = "ERR_ARG";
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

/** The communicator is `COMM_NULL`, was freed, or does not do this. */
export class CommunicatorError extends ArgumentError {
  override readonly code = "ERR_COMM";
}

/** The request is complete or null, or a persistent one is in the wrong state. */
export class RequestError extends ArgumentError {
  override readonly code = "ERR_REQUEST";
}

/** The group is `GROUP_NULL` or was freed, or its members do not fit the call. */
export class GroupError extends ArgumentError {
  override readonly code = "ERR_GROUP";
}

/** What should be a graph is none: an edge leads nowhere, or it has more nodes than there are ranks. */
export class TopologyError extends ArgumentError {
  override readonly code = "ERR_TOPOLOGY";
}

/** The dimensions of a grid are impossible: negative, too many, or their product is not the number of ranks. */
export class DimensionsError extends ArgumentError {
  override readonly code = "ERR_DIMS";
}

/** A buffer is attached already. */
export class BufferError extends ArgumentError {
  override readonly code = "ERR_BUFFER";
}

/** The attribute key was freed, was never made, or is one of MPI's own that cannot be changed. */
export class KeyvalError extends ArgumentError {
  override readonly code = "ERR_KEYVAL";
}

/** The info is `INFO_NULL` or was freed, or cannot be changed. */
export class InfoError extends ArgumentError {
  override readonly code = "ERR_INFO";
}

/** A key of an info is no string, empty or too long. */
export class InfoKeyError extends ArgumentError {
  override readonly code = "ERR_INFO_KEY";
}

/** A value of an info is no string, or too long. */
export class InfoValueError extends ArgumentError {
  override readonly code = "ERR_INFO_VALUE";
}

/** The info has no such key. */
export class InfoNoKeyError extends ArgumentError {
  override readonly code = "ERR_INFO_NOKEY";
}

/** The error handler is `ERRHANDLER_NULL` or was freed. */
export class ErrhandlerError extends ArgumentError {
  override readonly code = "ERR_ERRHANDLER";
}

/** MPI has it, tsmpi has not. */
export class UnsupportedOperationError extends ArgumentError {
  override readonly code = "ERR_UNSUPPORTED_OPERATION";
}

/** Memory of this size cannot be had. */
export class NoMemoryError extends ArgumentError {
  override readonly code = "ERR_NO_MEM";
}

/** A value cannot be sent: a function, a symbol, a class instance. Raised before anything is sent; names the path to it. */
export class SerializationError extends ArgumentError {
  override readonly code = "ERR_SERIALIZE";
}

/** A peer stopped answering, ended with an error, or left while somebody waited for it. */
export class ProcessFailedError extends TsmpiError {
  override readonly code: "ERR_PROC_FAILED" | "ERR_PROC_FAILED_PENDING" =
    "ERR_PROC_FAILED";
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

/**
 * ULFM's, for a non-blocking receive from ANY_SOURCE that a lost rank might have answered. Not raised: the request is complete,
 * with a ProcessFailedError; `Ack_failed`, then begin a new one.
 */
export class ProcessFailedPendingError extends ProcessFailedError {
  override readonly code = "ERR_PROC_FAILED_PENDING";
}

/** A rank revoked the communicator: only `Shrink`, `Agree` and `Free` work on it any more. */
export class RevokedError extends TsmpiError {
  override readonly code = "ERR_REVOKED";
  override readonly recoverable = true;
}

/** MPI's, of one of several requests that has neither failed nor completed. Not raised: all of them complete. */
export class PendingError extends TsmpiError {
  override readonly code = "ERR_PENDING";
  override readonly recoverable = true;
}

/** MPI's, where some of several requests failed. Not raised: the first one's own error is; `error` of each status says more. */
export class InStatusError extends TsmpiError {
  override readonly code = "ERR_IN_STATUS";
  override readonly recoverable = true;
}

/** A collective did not end by its deadline. */
export class TimeoutError extends TsmpiError {
  override readonly code = "ERR_TIMEOUT";
}

/** Ranks disagree on call, count, dtype, op or root of one collective. Raised on every rank. */
export class MismatchError extends TsmpiError {
  override readonly code = "ERR_MISMATCH";
}

/** The ranks could not find each other: an address does not resolve, a port is taken, ranks are missing at the deadline. */
export class RendezvousError extends TsmpiError {
  override readonly code = "ERR_RENDEZVOUS";
}

/** A host of the job cannot be used: unknown, unreachable, without Node, tsmpi or the program. The message says what to do there. */
export class HostError extends TsmpiError {
  override readonly code = "ERR_HOST";
}

/** A file of a dataset is broken, does not fit the others, or cannot be read or written. */
export class DataError extends TsmpiError {
  override readonly code = "ERR_DATA";
}

/** A rank speaks another version of the protocol. */
export class VersionError extends TsmpiError {
  override readonly code = "ERR_VERSION";
}

/** A variable of the environment has a value that cannot be used. */
export class EnvironmentError extends TsmpiError {
  override readonly code = "ERR_ENVIRONMENT";
}

/** A name on the command line or in the environment is not registered; the message lists the names there are. */
export class UnknownNameError extends TsmpiError {
  override readonly code = "ERR_UNKNOWN_NAME";
}

/** The wanted TensorFlow.js engine cannot be had. */
export class EngineError extends TsmpiError {
  override readonly code = "ERR_ENGINE";
}

/** The native engine cannot be set up here, or not as it was asked for. What was there before is left as it was. */
export class SetupError extends TsmpiError {
  override readonly code = "ERR_SETUP";
}

/** Models differ between ranks. */
export class LayoutError extends TsmpiError {
  override readonly code = "ERR_LAYOUT";
}

/** A checkpoint cannot be written, or not be read: cut short, of another model, of another version. */
export class CheckpointError extends TsmpiError {
  override readonly code = "ERR_CHECKPOINT";
}

/** A gradient holds NaN or an infinity; names the variable, the rank and the step. Raised on every rank. */
export class NonFiniteError extends TsmpiError {
  override readonly code = "ERR_NON_FINITE";
  override readonly recoverable = true;
}

/** Each step leaves tensors behind (`tsrun --check-leaks`); names the step and the count. */
export class LeakError extends TsmpiError {
  override readonly code = "ERR_LEAK";
}

/** A task of a `RankPool` threw an error of a class that only its own program knows. `name` is that class's name. */
export class RemoteTaskError extends TsmpiError {
  override readonly code = "ERR_TASK";
  override readonly recoverable = true;
  constructor(
    message: string,
    name = "RemoteTaskError",
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = name;
  }
}

/** A `RankPool` cannot run anything any more: its initializer failed, or all its workers are lost. */
export class BrokenPoolError extends TsmpiError {
  override readonly code = "ERR_POOL";
}

/** A task of a `RankPool` was cancelled before it had begun. */
export class CancelledError extends TsmpiError {
  override readonly code = "ERR_CANCELLED";
  override readonly recoverable = true;
}

/** A call was made after the runtime ended. */
export class FinalizedError extends TsmpiError {
  override readonly code = "ERR_FINALIZED";
}

/** A promise inside tsmpi was broken: a bug here, not in the program. */
export class InternalError extends TsmpiError {
  override readonly code = "ERR_INTERN";
}

/** An error of another rank or thread whose class is not one of these. */
export class RemoteError extends TsmpiError {
  override readonly code = "ERR_OTHER";
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
  CommunicatorError,
  RequestError,
  GroupError,
  TopologyError,
  DimensionsError,
  BufferError,
  KeyvalError,
  InfoError,
  InfoKeyError,
  InfoValueError,
  InfoNoKeyError,
  ErrhandlerError,
  UnsupportedOperationError,
  NoMemoryError,
  SerializationError,
  ProcessFailedError,
  ProcessFailedPendingError,
  RevokedError,
  PendingError,
  InStatusError,
  TimeoutError,
  MismatchError,
  RendezvousError,
  HostError,
  DataError,
  VersionError,
  EnvironmentError,
  UnknownNameError,
  EngineError,
  SetupError,
  LayoutError,
  CheckpointError,
  NonFiniteError,
  LeakError,
  RemoteTaskError,
  BrokenPoolError,
  CancelledError,
  FinalizedError,
  InternalError,
  RemoteError,
];

/** An assert for promises inside tsmpi: what it guards is a bug here, never the user's. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition)
    throw new InternalError(`${message} (this is a bug in tsmpi)`);
}
