import { Operation } from "@tsmpi/collective";
import { ArgumentError, RequestError } from "@tsmpi/protocol";
import { theRuntime } from "../init";
import { guarded } from "./attributes";
import { type Begun, Request } from "./request";
import type { Status } from "./status";

/** Fills in the status of a request that is complete. */
export type QueryFunction = (status: Status) => void;
export type FreeFunction = () => void;
/** @param completed whether it is complete already */
export type CancelFunction = (completed: boolean) => void;

/** A request for something that the program does itself: it is complete when the program says so. */
export class Grequest<T = unknown> extends Request<T | null> {
  readonly #operation: Operation<T | null> | null;

  /** A null request; or another handle to a generalized one. */
  constructor(from: Grequest<T> | null = null) {
    if (from !== null && !(from instanceof Grequest || isStarted(from)))
      throw new ArgumentError("a generalized request is made of another one");
    super(isStarted<T>(from) ? from.begun : from);
    this.#operation = isStarted<T>(from)
      ? from.operation
      : from && from.#operation;
  }

  /**
   * @param query_fn called when the request is waited for or tested and is complete
   * @param free_fn called when it is done with
   */
  static Start<T = unknown>(
    query_fn: QueryFunction | null = null,
    free_fn: FreeFunction | null = null,
    cancel_fn: CancelFunction | null = null,
  ): Grequest<T> {
    const operation = new Operation<T | null>();
    const begun: Begun<T | null> = {
      pending: theRuntime().pending(operation),
      finish(value: T | null, status) {
        guarded("the query function", () => query_fn?.(status));
        return value;
      },
      release: () => guarded("the free function", () => free_fn?.()),
      cancel() {
        guarded("the cancel function", () =>
          cancel_fn?.(operation.outcome !== null),
        );
        // What is cancelled, and whether, the program says in `query_fn`.
        return false;
      },
    };
    return new Grequest<T>({ operation, begun } as never);
  }

  /** The program has done it. @throws {RequestError} it was never started */
  Complete(): void {
    this.complete(null);
  }
  /** The same; `wait` and `test` give this value. */
  complete(obj: T | null = null): void {
    if (this.#operation === null)
      throw new RequestError("the request is no generalized one");
    this.#operation.succeed(obj);
  }
}

interface Started<T> {
  readonly operation: Operation<T | null>;
  readonly begun: Begun<T | null>;
}

const isStarted = <T>(from: unknown): from is Started<T> =>
  typeof from === "object" && from !== null && "operation" in from;
