/** Begins communication of the pool's own: where in the pool that was, which costs more than the rest of it, nobody wants to know. */
export function quickly<T>(begin: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return begin();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
