import type { Readable, Writable } from "node:stream";
import type { LinkListener, MessageLink } from "@tsmpi/transport";

/** Larger ones are nobody's: output leaves in pieces of what a pipe holds. */
const MAX_MESSAGE_BYTES = 16 << 20;
const LENGTH_BYTES = 4;

/** What the other side writes first; whatever a login script prints before it is skipped. */
export const GREETING = "\n--- tsrun agent 1 ---\n";

/** Messages over a pair of byte streams, as a pipe has: each behind its length, four bytes, the highest first. */
export class StreamLink implements MessageLink {
  #buffered: Buffer[] = [];
  #bytes = 0;
  #greeted: boolean;

  constructor(
    private readonly input: Readable,
    private readonly output: Writable,
    { awaitsGreeting = false }: { readonly awaitsGreeting?: boolean } = {},
  ) {
    this.#greeted = !awaitsGreeting;
  }

  send(message: Uint8Array): void {
    if (this.output.destroyed || this.output.writableEnded) return;
    const head = Buffer.alloc(LENGTH_BYTES);
    head.writeUInt32BE(message.byteLength);
    this.output.write(head);
    this.output.write(message);
  }

  listen({ message, end }: LinkListener): void {
    const broken = (error: Error): void => end(error.message);
    this.input.on("error", broken);
    this.output.on("error", broken);
    this.input.on("close", () => end("the connection has ended"));
    this.input.on("data", (chunk: Buffer) => {
      this.#buffered.push(chunk);
      this.#bytes += chunk.byteLength;
      if (!this.#greeted && !this.#skipToGreeting()) return;
      for (let next; (next = this.#take());)
        if (next === "garbage") {
          end("it sends what is no message of ours");
          return void this.close();
        } else message(next);
    });
  }

  close(): Promise<void> {
    this.output.end();
    this.input.destroy();
    return Promise.resolve();
  }

  #skipToGreeting(): boolean {
    const all = this.#all();
    const at = all.indexOf(GREETING);
    if (at < 0) return false;
    this.#greeted = true;
    this.#keep(all.subarray(at + GREETING.length));
    return true;
  }

  /** The next whole message. */
  #take(): Buffer | "garbage" | null {
    if (this.#bytes < LENGTH_BYTES) return null;
    const head = this.#buffered[0]!;
    const length = (
      head.byteLength < LENGTH_BYTES ? this.#all() : head
    ).readUInt32BE();
    if (length > MAX_MESSAGE_BYTES) return "garbage";
    const end = LENGTH_BYTES + length;
    if (this.#bytes < end) return null;
    const all = this.#all();
    this.#keep(all.subarray(end));
    return all.subarray(LENGTH_BYTES, end);
  }

  #all(): Buffer {
    if (this.#buffered.length > 1)
      this.#buffered = [Buffer.concat(this.#buffered)];
    return this.#buffered[0]!;
  }

  #keep(rest: Buffer): void {
    this.#buffered = rest.byteLength === 0 ? [] : [rest];
    this.#bytes = rest.byteLength;
  }
}
