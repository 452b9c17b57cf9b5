import type { Readable, Writable } from "node:stream";
import {
  setImmediate as nextTurn,
  setTimeout as sleep,
} from "node:timers/promises";
import type { Pieces, Sink } from "./output";

export interface ForwardOptions {
  readonly source: Readable;
  readonly pieces: Pieces;
  readonly sink: Sink;
  /** Takes the bytes as they come, too. */
  readonly file: Writable | null;
  /** After this long without more, a line that has not ended is shown as it is: a prompt, on a terminal. null: never. */
  readonly showPartialAfterMs: number | null;
}

/**
 * Forwards what one rank prints. The rank waits while `tsrun`'s own reader is slow.
 * Resolves at the end of the stream, and after `stop()` when nothing more has come for a moment: what a rank left
 * behind may hold the stream open for ever.
 */
export class Forwarding {
  readonly done: Promise<void>;
  private stopping = false;
  private waiting = false;
  private bytes = 0;

  constructor(private readonly options: ForwardOptions) {
    options.source.on("error", () => {});
    this.done = this.run();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    for (let before = -1; before !== this.bytes || this.waiting;) {
      before = this.bytes;
      await Promise.race([this.done, sleep(QUIET_MS)]);
      // What has come during a pause of this process is read before it is called silence.
      await nextTurn();
    }
    this.options.source.destroy();
    await this.done;
  }

  private async run(): Promise<void> {
    const { source, pieces, file } = this.options;
    let timer: NodeJS.Timeout | undefined;
    try {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        clearTimeout(timer);
        this.bytes += chunk.length;
        if (file !== null && !file.destroyed && !file.write(chunk))
          await this.wait(drained(file));
        await this.write(pieces.push(chunk));
        timer = this.showPartialLater();
      }
    } catch {
      // Destroyed by `stop`: what has come is written below.
    }
    clearTimeout(timer);
    file?.end();
    await this.write(pieces.flush());
  }

  private showPartialLater(): NodeJS.Timeout | undefined {
    const { pieces, showPartialAfterMs } = this.options;
    if (showPartialAfterMs === null) return undefined;
    return setTimeout(
      () => void this.write(pieces.flush()),
      showPartialAfterMs,
    );
  }

  private async write(bytes: Buffer | null): Promise<void> {
    if (bytes === null) return;
    const room = this.options.sink.write(bytes, this);
    if (room !== null) await this.wait(room);
  }

  private async wait(room: Promise<unknown>): Promise<void> {
    this.waiting = true;
    await room;
    this.waiting = false;
  }
}

const QUIET_MS = 100;

/** There is room again, or the file is closed, as by a full disk. */
const drained = (file: Writable): Promise<void> =>
  new Promise((resolve) => {
    file.once("drain", resolve);
    file.once("close", resolve);
  });
