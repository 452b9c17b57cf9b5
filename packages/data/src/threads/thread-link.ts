import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  type Transferable,
  Worker,
} from "node:worker_threads";
import { DataError } from "@tsmpi/protocol";

interface LinkOptions<Received> {
  /** For errors: the method that the thread works for. */
  readonly who: string;
  /** It loads modules of the program, as the program does: through the same loaders. */
  readonly callsProgram: boolean;
  /** Is called with each message as soon as it can be; true: nobody else is to see it. */
  readonly atOnce?: (message: Received) => boolean;
}

/**
 * A thread of a pipeline, seen from the one that made it. What has arrived can be taken without leaving this turn of the event
 * loop, so that a program which hardly ever leaves it gets what is ready. A thread that ends is an error of whoever waits for it.
 * An idle one keeps no process alive.
 *
 * @typeParam Received messages of the thread
 */
export class ThreadLink<Sent, Received> {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #arrived: Received[] = [];
  readonly #atOnce: (message: Received) => boolean;
  #failure: Error | null = null;
  #waiting: (() => void)[] = [];

  /**
   * @param file the thread's program
   * @param setUp for it, as `workerData.setUp`
   */
  constructor(
    file: string,
    setUp: unknown,
    { who, callsProgram, atOnce = () => false }: LinkOptions<Received>,
  ) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#atOnce = atOnce;
    this.#worker = new Worker(file, {
      workerData: { port: port2, setUp },
      transferList: [port2],
      // Loaders of the program cost every thread their start.
      ...(callsProgram ? {} : { execArgv: [] }),
    });
    port1.on("message", (message: Received) => {
      if (atOnce(message)) return;
      this.#arrived.push(message);
      this.wake();
    });
    this.#worker.on("error", (cause) =>
      this.fail(
        new DataError(`${who}: its thread failed: ${cause.message}`, { cause }),
      ),
    );
    this.#worker.on("exit", (code) =>
      this.fail(
        new DataError(
          `${who}: its thread ended with exit code ${code} before its work was done`,
        ),
      ),
    );
    port1.unref();
    this.#worker.unref();
  }

  /** Its thread has ended: whoever waits gets an error. */
  get isOver(): boolean {
    return this.#failure !== null;
  }

  post(message: Sent, transfer: readonly Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  /** The next message that is here; null: none is. */
  poll(): Received | null {
    const arrived = this.#arrived.shift();
    if (arrived !== undefined) return arrived;
    for (;;) {
      const received: { readonly message: Received } | undefined =
        receiveMessageOnPort(this.#port);
      if (received === undefined) return null;
      if (!this.#atOnce(received.message)) return received.message;
    }
  }

  /** Until there may be a message. @throws the thread's failure, or that of `fail` */
  async arrival(): Promise<void> {
    if (this.#failure) throw this.#failure;
    // The port of a thread that has ended keeps no process alive until that is known.
    this.#worker.ref();
    this.#port.ref();
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#waiting.length > 0) return;
    this.#worker.unref();
    this.#port.unref();
  }

  /** Whoever waits gets this error. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.wake();
  }

  /** Wakes all who wait. */
  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  async close(): Promise<void> {
    this.fail(new DataError("the dataset has been closed"));
    this.#port.close();
    await this.#worker.terminate();
  }
}
