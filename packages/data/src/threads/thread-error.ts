import { errorFromWire, errorToWire, type WireError } from "@tsmpi/protocol";

/** An error of a thread as data: it may come from a function of the program, whose lines are in its stack, or in that of a cause. */
export interface ThreadError extends WireError {
  readonly stack: string | undefined;
  readonly cause: ThreadError | null;
}

/** Beyond so many causes of causes, which may go round in a circle, nothing is told. */
const MOST_CAUSES = 8;

export function errorToThread(
  error: unknown,
  causes = MOST_CAUSES,
): ThreadError {
  const { stack, cause } =
    error instanceof Error ? error : { stack: undefined, cause: undefined };
  return {
    ...errorToWire(error),
    stack,
    cause:
      cause instanceof Error && causes > 0
        ? errorToThread(cause, causes - 1)
        : null,
  };
}

/** As the thread had it. */
export function errorOfThread(sent: ThreadError): Error {
  const error = raisedHere(sent);
  if (sent.stack !== undefined) error.stack = sent.stack;
  return error;
}

/** Its stack begins where this is called; those of its causes are the thread's. */
export function raisedHere(sent: ThreadError): Error {
  const error: Error = errorFromWire(sent);
  if (sent.cause !== null) error.cause = errorOfThread(sent.cause);
  return error;
}
