const MOST_BYTES = 2_000;
const MOST_FRAMES = 10;
const FIRST_FRAMES = 3;
const MOST_CAUSES = 3;
/** A line longer than this is minified code, or nobody reads it to its end. */
const LONGEST_LINE = 240;

/**
 * The stack as it is printed once for the whole job. Cuts the source lines of minified files (TensorFlow's wasm shows 38 kB),
 * Node's own frames and the loader's, and follows `cause`.
 */
export function describeError(error: unknown): string {
  const parts = [describeOne(error)];
  let cause = causeOf(error);
  for (let i = 0; cause !== undefined && i < MOST_CAUSES; i++) {
    const [message, frame] = describeOne(cause).split(/\n(?= {4}at )/);
    parts.push(
      `caused by: ${message}${frame === undefined ? "" : `\n${frame}`}`,
    );
    cause = causeOf(cause);
  }
  return clip(parts.join("\n"));
}

const causeOf = (error: unknown): unknown =>
  error instanceof Error ? (error.cause ?? undefined) : undefined;

function describeOne(error: unknown): string {
  if (!isErrorLike(error)) return `thrown: ${preview(error)}`;
  const reason = rejectionReason(error);
  if (reason !== null) return `rejected and not caught: ${reason}`;
  const stack = String(error.stack || `${error.name}: ${error.message}`);
  const lines = stack.replaceAll("file://", "").split("\n");
  const firstFrame = lines.findIndex((line) => FRAME.test(line));
  const head = firstFrame < 0 ? lines : lines.slice(0, firstFrame);
  const frames = firstFrame < 0 ? [] : lines.slice(firstFrame);
  const own = frames.filter((line) => FRAME.test(line) && !FOREIGN.test(line));
  return [
    // Ours are long at times, and each word of them counts.
    ...(isOurs(error) ? head : head.map(shorten)),
    ...chooseFrames(own).map(shorten),
  ]
    .filter((line) => line.trim() !== "")
    .join("\n");
}

/** The first ones, which say what happened, and the user's own, which say where. */
function chooseFrames(frames: readonly string[]): string[] {
  const first = frames.slice(0, FIRST_FRAMES);
  const own = frames
    .slice(FIRST_FRAMES)
    .filter((frame) => !frame.includes("/node_modules/"));
  return [...first, ...own].slice(0, MOST_FRAMES);
}

const FRAME = /^ {4}at /;
/** Frames that say nothing to the user: Node's, and those of the TypeScript loader and of our preload. */
const FOREIGN =
  /[( ](node:|[^ ]*\/node_modules\/(tsx|esbuild)\/|[^ ]*\/tsmpi\/(dist|src)\/preload\.)/;

/** Of a promise that was rejected with something else than an error: Node wraps it in three lines of advice. */
const rejectionReason = (error: Error): string | null =>
  (error as NodeJS.ErrnoException).code === "ERR_UNHANDLED_REJECTION"
    ? (/with the reason "?(.*?)"?\.$/s.exec(error.message)?.[1] ?? null)
    : null;

/** A TsmpiError; its class is not loaded for this. */
const isOurs = (error: Error): boolean => "recoverable" in error;

const isErrorLike = (error: unknown): error is Error =>
  typeof error === "object" && error !== null && "message" in error;

const shorten = (line: string): string =>
  line.length <= LONGEST_LINE ? line : line.slice(0, LONGEST_LINE - 2) + " …";

function preview(value: unknown): string {
  try {
    return shorten(
      typeof value === "string"
        ? JSON.stringify(value)
        : (JSON.stringify(value) ?? String(value)),
    );
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** Whole lines, at most 2 kB of them. */
function clip(text: string): string {
  if (Buffer.byteLength(text) <= MOST_BYTES) return text;
  const lines: string[] = [];
  let bytes = 0;
  for (const line of text.split("\n")) {
    bytes += Buffer.byteLength(line) + 1;
    if (bytes > MOST_BYTES - 4) break;
    lines.push(line);
  }
  return [...lines, "…"].join("\n");
}
