import { ArgumentError, RequestError } from "@tsmpi/protocol";
import { type Begun, Request } from "./request";

/** What all handles to one persistent request share. */
interface Persistent<T> {
  /** Null: it has been freed. */
  start: (() => Begun<T>) | null;
}

/**
 * A communication that is begun with `Start`, as often as one likes; between two times it is inactive.
 *
 * @noInheritDoc
 */
export class Prequest<T = unknown> extends Request<T> {
  readonly #persistent: Persistent<T>;

  /** A null request; or another handle to a persistent one; or one that is begun by `start`. */
  constructor(from: (() => Begun<T>) | Prequest<T> | null = null) {
    super(from instanceof Prequest ? from : null);
    if (from instanceof Prequest) this.#persistent = from.#persistent;
    else if (from === null || typeof from === "function")
      this.#persistent = { start: from };
    else throw new ArgumentError("a persistent request is made of another one");
  }

  override get isNull(): boolean {
    return this.#persistent.start === null;
  }

  /**
   * Begins the communication, with what is in its buffers now.
   *
   * @throws {RequestError} it is under way, or has been freed
   */
  Start(): void {
    const { start } = this.#persistent;
    if (start === null)
      throw new RequestError("the request has been freed, or never was one");
    if (this.isActive)
      throw new RequestError(
        "the request is under way: wait for it before it is started again",
      );
    this.restart(start());
  }

  static Startall(requests: readonly Prequest[]): void {
    for (const request of requests) request.Start();
  }

  override Free(): void {
    if (this.#persistent.start === null) return super.Free();
    this.#persistent.start = null;
    if (this.isActive) super.Free();
  }
  override free(): void {
    if (!this.isNull) this.Free();
  }
}
