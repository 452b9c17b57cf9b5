import type { Writable } from "node:stream";

export interface PieceOptions {
  /** What begins each piece; called at the time of writing, since it may hold the time. */
  readonly prefix: (() => string) | null;
  /** On a terminal a carriage return ends a piece too: progress bars show at once. */
  readonly carriageReturnEnds: boolean;
}

/** A line longer than this is written in parts. */
const LONGEST_PIECE_BYTES = 64 * 1024 * 1024;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** Cuts the output of one rank into whole lines, so that lines of several ranks never mix. Bytes pass unchanged. */
export class Pieces {
  private held: Buffer[] = [];
  private heldBytes = 0;

  constructor(private readonly options: PieceOptions) {}

  /** What can be written now that `chunk` has come; null if its last line goes on. */
  push(chunk: Buffer): Buffer | null {
    const end = this.lastEnd(chunk);
    if (end === 0) {
      this.hold(chunk);
      return this.heldBytes > LONGEST_PIECE_BYTES ? this.flush() : null;
    }
    const whole = Buffer.concat([...this.held, chunk.subarray(0, end)]);
    this.held = [];
    this.heldBytes = 0;
    if (end < chunk.length) this.hold(chunk.subarray(end));
    return this.format(whole);
  }

  /** The rest, a line without its end. */
  flush(): Buffer | null {
    if (this.heldBytes === 0) return null;
    const rest = Buffer.concat(this.held);
    this.held = [];
    this.heldBytes = 0;
    return this.format(rest);
  }

  private hold(chunk: Buffer): void {
    this.held.push(chunk);
    this.heldBytes += chunk.length;
  }

  private lastEnd(chunk: Buffer): number {
    const lineFeed = chunk.lastIndexOf(LINE_FEED);
    const carriageReturn = this.options.carriageReturnEnds
      ? chunk.lastIndexOf(CARRIAGE_RETURN)
      : -1;
    return Math.max(lineFeed, carriageReturn) + 1;
  }

  private format(whole: Buffer): Buffer {
    if (this.options.prefix === null) return whole;
    const prefix = this.options.prefix();
    const ends = this.options.carriageReturnEnds ? /\r\n|[\r\n]/g : /\n/g;
    // latin1 keeps every byte as it is, valid UTF-8 or not.
    const text = whole.toString("latin1");
    const tagged = text.replace(ends, (found, at: number) =>
      at + found.length === text.length ? found : found + prefix,
    );
    return Buffer.from(prefix + tagged, "latin1");
  }
}

/** mpirun's format: `[1,RANK]<stdout>:`, the time before it. */
export function linePrefix(options: {
  readonly rank: number;
  readonly stream: "stdout" | "stderr";
  readonly tag: boolean;
  readonly timestamp: boolean;
  readonly now: () => Date;
}): (() => string) | null {
  const { rank, stream, tag, timestamp, now } = options;
  if (!tag && !timestamp) return null;
  const rest = `${tag ? `[1,${rank}]` : ""}<${stream}>:`;
  return timestamp ? () => `${ctime(now())}${rest}` : () => rest;
}

/** `Fri Nov 20 23:24:05 2026`, as C's ctime. */
function ctime(date: Date): string {
  const [day, month, dayOfMonth, year, time] = date.toString().split(" ");
  return `${day} ${month} ${dayOfMonth} ${time} ${year}`;
}

/** Where the output of all ranks meets: `tsrun`'s own stdout or stderr. */
export class Sink {
  private draining: Promise<void> | null = null;
  private drained: () => void = () => {};
  private closed = false;
  /** Whose line has not ended yet. */
  private unfinished: unknown = null;

  constructor(
    private readonly stream: Writable,
    /** Called once when nothing can be written any more: nobody reads (EPIPE), the disk is full. */
    onClosed: (error: NodeJS.ErrnoException) => void,
  ) {
    stream.on("drain", () => this.drained());
    stream.on("error", (error) => {
      this.drained();
      if (this.closed) return;
      this.closed = true;
      onClosed(error);
    });
  }

  /**
   * Whoever waits for the promise, which resolves when there is room for more, uses no memory for what cannot be written yet.
   * null: there is room.
   *
   * @param writer who writes: a line that one has begun is ended before another writes
   */
  write(bytes: Buffer, writer: unknown): Promise<void> | null {
    if (this.closed) return null;
    if (this.unfinished !== null && this.unfinished !== writer)
      this.stream.write("\n");
    this.unfinished = bytes.at(-1) === LINE_FEED ? null : writer;
    if (this.stream.write(bytes)) return null;
    this.draining ??= new Promise((resolve) => {
      this.drained = () => {
        this.draining = null;
        this.drained = () => {};
        resolve();
      };
    });
    return this.draining;
  }
}
