import { constants } from "node:os";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Does something that must clean up behind itself when the user interrupts it.
 *
 * @param body gets a signal, and throws when that aborts
 * @returns its exit code, or that of the signal
 */
export async function interruptible(
  body: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const interrupt = new AbortController();
  const by: NodeJS.Signals[] = [];
  const abort = (name: NodeJS.Signals): void => {
    by.push(name);
    interrupt.abort(new Error(`interrupted by ${name}`));
  };
  for (const name of SIGNALS) process.on(name, abort);
  try {
    return await body(interrupt.signal);
  } catch (error) {
    const [first] = by;
    if (first === undefined) throw error;
    process.stderr.write(`tsrun: interrupted by ${first}\n`);
    return 128 + constants.signals[first];
  } finally {
    for (const name of SIGNALS) process.off(name, abort);
  }
}
