import {
  type AnyFunction,
  type FunctionReference,
  referenceTo,
} from "@tsmpi/protocol";

/** A function that tasks call, as the master keeps it. */
export interface KnownFunction {
  readonly fn: AnyFunction;
  /** What messages call it by. */
  readonly number: number;
  readonly reference: FunctionReference;
  /** About how long a call takes, in milliseconds; null before the first one. */
  expectedMs: number | null;
}

export class KnownFunctions {
  readonly #known = new Map<AnyFunction, KnownFunction>();

  /** @throws {ArgumentError} workers cannot find it */
  get(fn: AnyFunction): KnownFunction {
    let known = this.#known.get(fn);
    if (known === undefined) {
      const number = this.#known.size;
      const reference = referenceTo(fn);
      known = { fn, number, reference, expectedMs: null };
      this.#known.set(fn, known);
    }
    return known;
  }
}

/** Rather too long than too short: it follows a slow call at once, and forgets it over the next twenty. */
export function observe(known: KnownFunction, callMs: number): void {
  known.expectedMs = Math.max(callMs, (known.expectedMs ?? 0) * 0.9);
}
